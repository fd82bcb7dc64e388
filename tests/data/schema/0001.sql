BEGIN TRANSACTION;
CREATE TABLE actors (
	iri TEXT NOT NULL,
	kind VARCHAR(40) NOT NULL,
	username TEXT NOT NULL,
	name TEXT NOT NULL,
	summary TEXT NOT NULL,
	rsa_pem TEXT NOT NULL,
	ed25519_pem TEXT NOT NULL,
	also_known_as JSON NOT NULL,
	moved_to TEXT,
	made DATETIME NOT NULL,
	gone DATETIME,
	CONSTRAINT pk_actors PRIMARY KEY (iri),
	CONSTRAINT uq_actors_username UNIQUE (username)
);
INSERT INTO "actors" VALUES('http://care.test/actor','Application','care.test','Care','','-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDaHNzjlz2bD6y9
PV/yCBPLBIRtLZ29RyJ6u/l5hO0Fe1xSyoB/7sc9L192undxxHbBPrm6HFlFTWZ2
8OB7Qh5pkYHFUrpP2jn3qbs8EvYZCFG20RyDIkzcBpR+NfqRxdAx7QmoezlrPmbS
ed5MDVTjsJYy8/sIN/arnHx4q48iX9Ra69SqlPXvCrN9HMGqNfbFzywbqh9TPVZu
547C7ZG3LcOUf7y7YU2ROqgRdQy/85Y7jLDVZGulMOa/lCq1UKujHPHUu8vFxUMT
0aX3fK5wAElDpk6ivznBMP/vqEiU94kRppzgbtxBDM65Q81bdAyNar0j2+SPAhvy
LO3AABRPAgMBAAECggEAKlfeHiT3ZcoGO/rVTJR62zf2SYfIjr1nmTIy/X9r0Fuh
kcUUa0G81kkDHHaYx7JfZ6a4wcPNJOIg2UhsHCG6672+1sL3vpbcGBOQcNoxgqyV
yIsSIPcgurpgS5xJF9GyWG7vKBE8FXDY31WfbV5NM6LNlfi9rFvI/In1tCuCLybV
jok6+ZqXGgtbn5M1ws2xLlKVh48rImjErXUQNZjCHgQ4Rb43jD3DcAQ5Wftp9MGS
xyRHWnAMK/xES/LQhX/QhAvIIhQowSZ1fnsBTcgUN7AXy8Vlx7UF9VDcr+EZMBGf
qXrX41Z52WVYnY1340+P+qczCk02GDn36qXinHVNIQKBgQD8M4r36pAq/4DnYXa0
BEfZEPaBFhxWWcTdBmFZ13+RGC1K2cfC8hQVbOQvElhywzalS0pz7IRyAi5cR4ED
lKhL5+mBt5qlM6JGkxDOIJXjcx40HFKIVWp9wmXfojivUJHbfPrSk8O9TkcQqptZ
zu5JfoiArRhf7JzNUKRHCm0F0QKBgQDdZeDsJWCM8zs2ERak1l9bicB3JZKPVhHQ
oON0Tsm9cQS7QBIxT6nnPVrkUWlYKvxU8iD87jLsA59RgIX+iYBu8hClIrJ32oci
y2RueEjiDR1UUPlRx23uwPw4scOFr6BBfQnt3q30RjC5yyucj17h2+8E63Xxim4o
VAgSkj5gHwKBgQDta5hny2ntEJtJN3eIAH+i2VU2MJp8sAWkDV2YNkbhUOFSlbJ4
02wUv24Q4jRh1WScN0Tf3MjSizsZpDbQKCJHUwuAEliDLRiXV9t6MTLp7HWCmScZ
MVAPE/LTlOPIJxEoj3+QvYqHrCk6h2G4KhYpGfVnLYzEwPrcTg5Y0nfQAQKBgQDd
HvaRBBe1TuzxaAnUomLk+uTmWvlQ/WaXl0j1DgfBlFJkbm59H5KS6J2R8ZmkPHJ+
qMG3vHPRcyC49wNdIJnMtSlYtRnISNK1NqzdBHfOhcioQKNyQRuT3N1MBodASxNk
tOyozcGxejUKK1goaq0aKV5E7KKElnzE/IB/g96WgwKBgFbslVA1oJfGWC8Z1q4q
sxKn9knjb0Gh3Cll7zGYuCtaaZovVxmpK3MMJCoi/zhfVLX8ztf4qbCTHKPL/hxE
9bHIJOQjM0MWwRVu5E4H1DbXkVbT6yPBBdimsq421T3ukXf832X4sCB6ZCTWT0NQ
IAImMnnFMPQmplEQ0vybwtww
-----END PRIVATE KEY-----
','-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEII5Ka+CZz2CyVpJjwBvRuWJgvuF66wPVHac9P9xwschQ
-----END PRIVATE KEY-----
','[]',NULL,'2026-11-22 09:07:38.289501',NULL);
INSERT INTO "actors" VALUES('http://care.test/groups/yi2pmsqxfuynh3tp2xmp','Group','care','Care','','-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCgpndrQsIJPgwB
dq/V9WyM4btxEi/uIxB3nMpii9jtpHvce/bhhrhaU5pDxzbaOIXsRj76BAOeClsQ
7wK2bk9ADlgZqE7wd7BWhd+Yq7RzHdk4T7FAGJznms1whhM92q7Qx7tb6o6vW4aI
v/MwnX5ygAIMJBI+zsxfUeRMG5qG7hs0ItCJaUZVzrjV0dcqRjolc1DISV6nE+oG
4vGpVheTKI1Z9pjiK9kYofKiHSgQohnvcfRgWuAijoOno0HMHZi3ypkZNqhWtuAp
T4nj/yObLM7viKb9PlaHLSNv3Yotw1RXzlfsiXcA17tN0IaHr+NWbXYWPyw2Xsfl
vREHHG2zAgMBAAECggEARt1HfjQDfao2B4tAQyQwjvCgC1+XbvdeszShfdjsht9w
l7DDFXak6YtJWC6PPrGCOdg+vXB53AP7abvUuX5tTPdG24KH18EkMvZ4zFKplcIL
6LAWowx4Yh3CE6nA4R8O0B/awM/1wtqfvMDXWJGQjpdyz8I1nikAs+deyke+4VeC
D2L6Xj0n9IyorsggIeKmx2jSwT+FK3QIfcY7qAKr10PTQiId50ZgzYx3YAgrsYeb
Gc1iNi8tMxaLSUYBrP93VDDSEcCwHpyjGYwH1mKNyvrDW6lyQyjD47TBCIgYZeL2
yfJuZMlvVuV/Of22mkJDHWJj/IRGMAoVBkrIRFuJSQKBgQDN3akNjy2IUlAzYV7a
OeEuhiqf8k9RdnkE2F85tSjH5IjCpaat0vluAWWvOZeJh6f0cE7zElq7OMGCfxxa
dQUmBom55XMmc+1nncHxCLQFjLDdx+oQUarhBlhvhAndUD+hj3YCu8nLD5gpUkwM
9RrP7hR7wSbGix3ZyQ9eTzhQ/wKBgQDHxeuQcByIwE2VnvKjlpXeOFyIwXulboLc
vEGOZvmkN1GV2xhr1u+u/E3HqKye6yLksHvDK5yY+C8nd+Cb60DlfxqmWHrwT0tG
h0HReWTQarL3YFcC4KVhwGghH4X82OE/2XgqMhZfnW8EKMuocb9vxbSOjfHKU0Fh
lTFocnLvTQKBgQCwUp4s4ukYzYerukZHmzNnabqwbBXLrDFTGQ/WmXdoXjFUphTw
5LaGpeO2BRnpzarpDhhQ0POtT5tObhiW0YurWgY0lnXeBYTdLp2iGNY3upzyF/w+
JfS573lnaiwYxlb5xapKBRV9OsoU+kvw/S4N0djxdioD+7uBgVgMasXNeQKBgQC5
FWePpC7ri67VxjNq2GL1RSaGFSwnMuHO/COIeWMkf5P40MopbzMU3fB54I49lf/3
/IJNaiRlnNqjKG9SRX0UotPf9e3AotZM+5dBKcT7Sz+P7RPwOI1AqXBP79LFVXIr
I6IvBcSwxT1LjzhQUUJZncQQpvWyy7uxWvYxnIdbqQKBgBRqvXcaKtRggKH1erQU
WQ4Vzvg9BWI0SGZiqtpfMmiE4qjb2DZhd/WGOnUZJV3KBhe0feVBvRTXrvtFlMy3
hQZmrA/52XLcPzIvbXEyM1a3ka134qar3wmGzM4sLDYcz4dIwtu7hW/qSpxkkHzl
HEQTNpNvO0jtNT3WjVRDvGjb
-----END PRIVATE KEY-----
','-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHZ1KzpOJZYsls3SmA4wzQhG526gIkzW6g7O2UAYzLnQ
-----END PRIVATE KEY-----
','[]',NULL,'2026-11-22 09:07:38.289501',NULL);
INSERT INTO "actors" VALUES('http://care.test/people/jeqdr7a4g5rntzqrn5uh','Person','ana','','','-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCvvadPQSX3wqIq
a5YVK4X9zJLTD2lmF/cDV0vfDSWHrj7RhA5PhjrPRCNnDuG3w1uPAdGNWorLJmAr
7ZB6Jcq5LDLHRI3zRyfOn2ISczWlAaFCIdEtRWSkVBDkS0W5gjkExGrb0CoNUI8g
G5xURiOx5odLHWQQzc1FMkesZF6jD/LLie+9ytLk5F46asku6FW/0FG+o2rpJNhv
rmwde2+MiDks4CeTGxTyY9h63AzhEzMSjEohwnw7bn/xAuaStU4iRJ8l7myEKNu8
TPHTO5P4Vea4YUaKV8TAXqXu5WpflO1w4243C7qFKQF0LPzTdt4sPr7Ayyv4YCBa
EFeLcpRXAgMBAAECggEALdPlB1PT1NIae7lmf8rDvDVWrFc+gvMI5QQkstu4x7L2
iqhHGxHD0DzShpNo5QS6oYY14QiVXPh657mhjVjBjpwp+bC025XYmZcSegE1IfxU
0uwCoi2QWxHY/c9rNT7yI34c54lXDfXN/O92Srunn0KgUUQuzfr85miALEJYM2kM
YWHC6eacZLYSXUQ3rU56cB0/OHvnt0A4dzTo53FWrB1r3TWzyS9YzsecG+9fWMOO
B/rI014oDbnzTkM4QhEGp6OYSO0UlWDc2owfWuHCoLdEeY/CMaajoMNQYJz6Scm+
BRIHkkeEd7wyK8hUlIcTSuokmeV9rc8JutI6Ar3IcQKBgQDjXYfMFN0UVdSkwOqH
bwVCkiYokmG70AWkRZSadhVm1exiUdO2r1A39SJCAAOoluozWfYkG8jq2uteVNpB
kv9zEQ4WsH0y03r3NLhsFeGsdIs1wGJDL6W3wskVHH0MvR8pbnpTtSu9p2pwJJfn
kR1WTtcrhQ0xZZEYtSRBg5bYgwKBgQDF37NnCvY35zGm6PCeetvrJOve9+a5r7Jt
PrjXAuPM5K8xcT1hDuLzTo8Mb3f24JIsVkdYHNGkIhPZE3Kis+UPdKSxjgSpQDD9
bzV2vr4YQEQB74OlO1iLPzXcBSr/AzKCr8C5YB/waheyedEs6fnIyUfTZ7DNnY2i
3TdFUk9EnQKBgQDPMtEqPmkquv1KFzSjr50PibiUiLHgQjah+XbvPGVMje8ZupBB
j4p/NDnAA9tRrBZKLdWOGnQC8vZDxPgRgjChYA2Cx9uQkgEhfz4B4f8C9kJW/beO
msFesXgmcQvUrBTV4QRBfH0cHJF3GSIFuc0OdlLIKjxXo8OSzKD5wz2YmQKBgQCh
xDJcyV9lcILtG36rcXGdGYAjtrNPls3d9esTDG/DsClx2Ev/rzXnB5B28CI5GHsn
+Bk3dcgF0T48t2N+lGdtbUS/S4WQAMSMTIB+5Y1vMgrnMjKDwLKwlCqqByeRd8Gx
iZGbe3RhDbr11BUoDNiCR9uKfzjRwD5sqUFoUNQxGQKBgDVN52eoe7ACOit1/6ED
jH0fDAWqNuYsCea6OVLsWG2TM2ezukrCz9mCf9bdCtfRLj2hwWudRNS59qQiK3Bv
wlmkqgzzXkfSO5LRupcMbP6RbUWCuRO9t8V4A0QO4LKBlgP35MnAbX9XE5RfMamd
QYXa53pspO913AiMvhKd4NJ2
-----END PRIVATE KEY-----
','-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEICztACSUByeJLicoSs1Ow0pUQnjxB6G4cD3EcDuZxQRc
-----END PRIVATE KEY-----
','[]',NULL,'2026-11-22 09:07:38.289501',NULL);
CREATE TABLE agendas (
	person TEXT NOT NULL,
	timezone TEXT,
	CONSTRAINT pk_agendas PRIMARY KEY (person),
	CONSTRAINT fk_agendas_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE agreements (
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	group_name TEXT NOT NULL,
	fields JSON NOT NULL,
	asked JSON NOT NULL,
	purpose TEXT NOT NULL,
	source VARCHAR(40) NOT NULL,
	answered BOOLEAN NOT NULL,
	agreed DATETIME NOT NULL,
	until DATETIME NOT NULL,
	ended DATETIME,
	CONSTRAINT pk_agreements PRIMARY KEY (id),
	CONSTRAINT fk_agreements_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE alliance_capacities (
	"group" TEXT NOT NULL,
	ally TEXT NOT NULL,
	counts JSON NOT NULL,
	as_of DATETIME,
	asked DATETIME NOT NULL,
	failed TEXT NOT NULL,
	CONSTRAINT pk_alliance_capacities PRIMARY KEY ("group", ally)
);
CREATE TABLE alliance_capacity_askings (
	"group" TEXT NOT NULL,
	ally TEXT NOT NULL,
	since DATETIME NOT NULL,
	times INTEGER NOT NULL,
	CONSTRAINT pk_alliance_capacity_askings PRIMARY KEY ("group", ally)
);
CREATE TABLE alliance_early_undos (
	activity TEXT NOT NULL,
	actor TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_alliance_early_undos PRIMARY KEY (activity, actor)
);
CREATE TABLE alliances (
	id TEXT NOT NULL,
	offer TEXT NOT NULL,
	"group" TEXT NOT NULL,
	ally TEXT NOT NULL,
	ally_name TEXT NOT NULL,
	offered_by_us BOOLEAN NOT NULL,
	state VARCHAR(40) NOT NULL,
	terms JSON NOT NULL,
	text TEXT NOT NULL,
	our_proof JSON NOT NULL,
	their_proof JSON NOT NULL,
	accept TEXT,
	decision TEXT,
	reason TEXT NOT NULL,
	offered DATETIME NOT NULL,
	answered DATETIME,
	ended DATETIME,
	CONSTRAINT pk_alliances PRIMARY KEY (id),
	CONSTRAINT uq_alliances_offer_group UNIQUE (offer, "group")
);
CREATE TABLE answer_links (
	hash TEXT NOT NULL,
	person TEXT NOT NULL,
	promise TEXT NOT NULL,
	expires DATETIME NOT NULL,
	CONSTRAINT pk_answer_links PRIMARY KEY (hash),
	CONSTRAINT fk_answer_links_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE answered (
	"key" TEXT NOT NULL,
	at DATETIME NOT NULL,
	status INTEGER,
	location TEXT,
	content_type TEXT,
	body BLOB,
	CONSTRAINT pk_answered PRIMARY KEY ("key")
);
CREATE TABLE ask_places (
	ask_id TEXT NOT NULL,
	opening TEXT NOT NULL,
	places INTEGER NOT NULL,
	skill TEXT NOT NULL,
	level INTEGER NOT NULL,
	certificates JSON NOT NULL,
	languages JSON NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	timezone TEXT NOT NULL,
	CONSTRAINT pk_ask_places PRIMARY KEY (ask_id, opening),
	CONSTRAINT fk_ask_places_ask_id_asks FOREIGN KEY(ask_id) REFERENCES asks (id)
);
CREATE TABLE asks (
	id TEXT NOT NULL,
	iri TEXT NOT NULL,
	side VARCHAR(40) NOT NULL,
	"group" TEXT NOT NULL,
	ally TEXT NOT NULL,
	ally_name TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	job TEXT NOT NULL,
	job_updated DATETIME NOT NULL,
	title TEXT NOT NULL,
	district TEXT NOT NULL,
	break_minutes INTEGER NOT NULL,
	rate_cents_per_hour INTEGER NOT NULL,
	currency TEXT NOT NULL,
	levy_percent INTEGER NOT NULL,
	asked DATETIME NOT NULL,
	updated DATETIME NOT NULL,
	until DATETIME NOT NULL,
	CONSTRAINT pk_asks PRIMARY KEY (id),
	CONSTRAINT uq_asks_iri_side UNIQUE (iri, side)
);
CREATE TABLE belongings (
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	group_name TEXT NOT NULL,
	group_handle TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	"join" TEXT,
	share TEXT NOT NULL,
	sent JSON,
	asked DATETIME NOT NULL,
	since DATETIME,
	ended DATETIME,
	CONSTRAINT pk_belongings PRIMARY KEY (id),
	CONSTRAINT fk_belongings_person_people FOREIGN KEY(person) REFERENCES people (iri),
	CONSTRAINT uq_belongings_person_group UNIQUE (person, "group"),
	CONSTRAINT uq_belongings_share UNIQUE (share)
);
CREATE TABLE concierges (
	person TEXT NOT NULL,
	leader TEXT NOT NULL,
	since DATETIME NOT NULL,
	CONSTRAINT pk_concierges PRIMARY KEY (person),
	CONSTRAINT fk_concierges_leader_actors FOREIGN KEY(leader) REFERENCES actors (iri),
	CONSTRAINT fk_concierges_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE days_off (
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	first DATE NOT NULL,
	last DATE NOT NULL,
	CONSTRAINT pk_days_off PRIMARY KEY (id),
	CONSTRAINT fk_days_off_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE due (
	kind TEXT NOT NULL,
	"key" TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_due PRIMARY KEY (kind, "key")
);
CREATE TABLE early_hours_answers (
	event TEXT NOT NULL,
	"group" TEXT NOT NULL,
	accepted BOOLEAN NOT NULL,
	minutes INTEGER,
	words TEXT NOT NULL,
	heard DATETIME NOT NULL,
	CONSTRAINT pk_early_hours_answers PRIMARY KEY (event, "group")
);
CREATE TABLE early_undos (
	invite TEXT NOT NULL,
	"group" TEXT NOT NULL,
	heard DATETIME NOT NULL,
	CONSTRAINT pk_early_undos PRIMARY KEY (invite)
);
CREATE TABLE early_unnames (
	announce TEXT NOT NULL,
	lender TEXT NOT NULL,
	heard DATETIME NOT NULL,
	CONSTRAINT pk_early_unnames PRIMARY KEY (announce)
);
CREATE TABLE ended_shares (
	iri TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_ended_shares PRIMARY KEY (iri)
);
CREATE TABLE federation_actors (
	id TEXT NOT NULL,
	body BLOB NOT NULL,
	inbox TEXT NOT NULL,
	shared_inbox TEXT,
	fetched DATETIME NOT NULL,
	CONSTRAINT pk_federation_actors PRIMARY KEY (id)
);
CREATE TABLE federation_deliveries (
	id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	peer TEXT NOT NULL,
	recipient TEXT NOT NULL,
	inbox TEXT,
	conversation TEXT NOT NULL,
	state TEXT NOT NULL,
	status INTEGER,
	attempts INTEGER DEFAULT '0' NOT NULL,
	next_try DATETIME NOT NULL,
	reason TEXT,
	CONSTRAINT pk_federation_deliveries PRIMARY KEY (id),
	CONSTRAINT fk_federation_deliveries_seq_federation_outbox FOREIGN KEY(seq) REFERENCES federation_outbox (seq) ON DELETE CASCADE,
	CONSTRAINT uq_federation_deliveries_seq_peer_recipient UNIQUE (seq, peer, recipient)
);
CREATE TABLE federation_followers (
	actor TEXT NOT NULL,
	follower TEXT NOT NULL,
	follow TEXT NOT NULL,
	peer TEXT NOT NULL,
	inbox TEXT,
	since DATETIME NOT NULL,
	CONSTRAINT pk_federation_followers PRIMARY KEY (actor, follower)
);
CREATE TABLE federation_inbox (
	seq INTEGER NOT NULL,
	id TEXT NOT NULL,
	origin TEXT NOT NULL,
	type TEXT NOT NULL,
	body BLOB NOT NULL,
	received DATETIME NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER DEFAULT '0' NOT NULL,
	waits BOOLEAN DEFAULT 0 NOT NULL,
	next_try DATETIME NOT NULL,
	reason TEXT,
	CONSTRAINT pk_federation_inbox PRIMARY KEY (seq),
	CONSTRAINT uq_federation_inbox_id UNIQUE (id)
);
CREATE TABLE federation_outbox (
	seq INTEGER NOT NULL,
	id TEXT NOT NULL,
	sender TEXT NOT NULL,
	public BOOLEAN NOT NULL,
	body BLOB NOT NULL,
	published DATETIME NOT NULL,
	CONSTRAINT pk_federation_outbox PRIMARY KEY (seq),
	CONSTRAINT uq_federation_outbox_id UNIQUE (id)
);
CREATE TABLE federation_peers (
	origin TEXT NOT NULL,
	in_until DATETIME NOT NULL,
	in_fence INTEGER DEFAULT '0' NOT NULL,
	out_until DATETIME NOT NULL,
	out_fence INTEGER DEFAULT '0' NOT NULL,
	failures INTEGER DEFAULT '0' NOT NULL,
	failing_since DATETIME,
	next_try DATETIME NOT NULL,
	asked_to_wait BOOLEAN DEFAULT 0 NOT NULL,
	last_heard DATETIME,
	last_delivered DATETIME,
	CONSTRAINT pk_federation_peers PRIMARY KEY (origin)
);
CREATE TABLE federation_seen (
	hash BLOB NOT NULL,
	CONSTRAINT pk_federation_seen PRIMARY KEY (hash)
);
CREATE TABLE groups (
	iri TEXT NOT NULL,
	first BOOLEAN NOT NULL,
	district TEXT,
	about TEXT NOT NULL,
	asked JSON NOT NULL,
	asked_days INTEGER NOT NULL,
	made DATETIME NOT NULL,
	CONSTRAINT pk_groups PRIMARY KEY (iri),
	CONSTRAINT fk_groups_iri_actors FOREIGN KEY(iri) REFERENCES actors (iri)
);
INSERT INTO "groups" VALUES('http://care.test/groups/yi2pmsqxfuynh3tp2xmp',1,NULL,'','{"fields": [{"field": "name", "essential": true, "why": ""}, {"field": "skills", "essential": true, "why": ""}, {"field": "certificates", "essential": false, "why": ""}, {"field": "languages", "essential": false, "why": ""}, {"field": "district", "essential": false, "why": ""}, {"field": "weekly_hours", "essential": false, "why": ""}, {"field": "availability", "essential": true, "why": ""}, {"field": "phone", "essential": false, "why": ""}]}',365,'2026-11-22 09:07:38.289501');
CREATE TABLE held_certificates (
	person TEXT NOT NULL,
	"key" TEXT NOT NULL,
	expires DATE,
	CONSTRAINT pk_held_certificates PRIMARY KEY (person, "key"),
	CONSTRAINT fk_held_certificates_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE held_languages (
	person TEXT NOT NULL,
	"key" TEXT NOT NULL,
	CONSTRAINT pk_held_languages PRIMARY KEY (person, "key"),
	CONSTRAINT fk_held_languages_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
INSERT INTO "held_languages" VALUES('http://care.test/people/jeqdr7a4g5rntzqrn5uh','language-yue');
CREATE TABLE held_skills (
	person TEXT NOT NULL,
	"key" TEXT NOT NULL,
	level INTEGER NOT NULL,
	CONSTRAINT pk_held_skills PRIMARY KEY (person, "key"),
	CONSTRAINT fk_held_skills_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
INSERT INTO "held_skills" VALUES('http://care.test/people/jeqdr7a4g5rntzqrn5uh','home-care',2);
CREATE TABLE inviters (
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	name TEXT NOT NULL,
	since DATETIME NOT NULL,
	CONSTRAINT pk_inviters PRIMARY KEY (person, "group"),
	CONSTRAINT fk_inviters_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE jobs (
	iri TEXT NOT NULL,
	group_iri TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	audience VARCHAR(40) NOT NULL,
	language TEXT NOT NULL,
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	district TEXT NOT NULL,
	pay_cents_per_hour INTEGER NOT NULL,
	currency TEXT NOT NULL,
	worker_percent INTEGER NOT NULL,
	insurance_percent INTEGER NOT NULL,
	levy_percent INTEGER NOT NULL,
	fund_percent INTEGER NOT NULL,
	break_minutes INTEGER NOT NULL,
	bring TEXT NOT NULL,
	contact_name TEXT NOT NULL,
	contact_phone TEXT NOT NULL,
	customer TEXT NOT NULL,
	customer_phone TEXT NOT NULL,
	address TEXT NOT NULL,
	door TEXT NOT NULL,
	lot_seed TEXT NOT NULL,
	decision TEXT NOT NULL,
	told JSON NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	published DATETIME NOT NULL,
	updated DATETIME NOT NULL,
	CONSTRAINT pk_jobs PRIMARY KEY (iri),
	CONSTRAINT fk_jobs_group_iri_actors FOREIGN KEY(group_iri) REFERENCES actors (iri)
);
CREATE TABLE join_links (
	token TEXT NOT NULL,
	"group" TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made DATETIME NOT NULL,
	until DATETIME NOT NULL,
	CONSTRAINT pk_join_links PRIMARY KEY (token),
	CONSTRAINT fk_join_links_group_groups FOREIGN KEY("group") REFERENCES groups (iri),
	CONSTRAINT fk_join_links_made_by_people FOREIGN KEY(made_by) REFERENCES people (iri)
);
CREATE TABLE known_jobs (
	iri TEXT NOT NULL,
	group_iri TEXT NOT NULL,
	origin TEXT NOT NULL,
	sent_by TEXT NOT NULL,
	posting JSON NOT NULL,
	exact JSON NOT NULL,
	version DATETIME NOT NULL,
	until DATETIME NOT NULL,
	heard DATETIME NOT NULL,
	gone BOOLEAN NOT NULL,
	CONSTRAINT pk_known_jobs PRIMARY KEY (iri)
);
CREATE TABLE ledger_entries (
	id INTEGER NOT NULL,
	cause TEXT NOT NULL,
	credit BOOLEAN NOT NULL,
	account TEXT NOT NULL,
	counter TEXT NOT NULL,
	unit TEXT NOT NULL,
	amount INTEGER NOT NULL,
	at DATETIME NOT NULL,
	reverses TEXT,
	CONSTRAINT pk_ledger_entries PRIMARY KEY (id),
	CONSTRAINT uq_ledger_entries_cause_unit_credit UNIQUE (cause, unit, credit)
);
CREATE TABLE ledger_reversals (
	cause TEXT NOT NULL,
	by_cause TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_ledger_reversals PRIMARY KEY (cause)
);
CREATE TABLE loan_early_ends (
	activity TEXT NOT NULL,
	actor TEXT NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_loan_early_ends PRIMARY KEY (activity, actor)
);
CREATE TABLE loan_places (
	loan_id TEXT NOT NULL,
	opening TEXT NOT NULL,
	places INTEGER NOT NULL,
	worked INTEGER NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	CONSTRAINT pk_loan_places PRIMARY KEY (loan_id, opening),
	CONSTRAINT fk_loan_places_loan_id_loans FOREIGN KEY(loan_id) REFERENCES loans (id)
);
CREATE TABLE loans (
	id TEXT NOT NULL,
	offer TEXT NOT NULL,
	side VARCHAR(40) NOT NULL,
	"group" TEXT NOT NULL,
	ally TEXT NOT NULL,
	ally_name TEXT NOT NULL,
	ask_id TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	agreement TEXT,
	accept TEXT,
	replaces TEXT,
	job_updated DATETIME NOT NULL,
	updated DATETIME NOT NULL,
	offered DATETIME NOT NULL,
	accepted DATETIME,
	ended DATETIME,
	decision TEXT,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	CONSTRAINT pk_loans PRIMARY KEY (id),
	CONSTRAINT fk_loans_ask_id_asks FOREIGN KEY(ask_id) REFERENCES asks (id),
	CONSTRAINT uq_loans_offer_side UNIQUE (offer, side)
);
CREATE TABLE mails (
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	address TEXT NOT NULL,
	language TEXT NOT NULL,
	kind TEXT NOT NULL,
	"values" JSON NOT NULL,
	link TEXT NOT NULL,
	signs_in BOOLEAN NOT NULL,
	state VARCHAR(40) NOT NULL,
	made DATETIME NOT NULL,
	until DATETIME,
	next_try DATETIME NOT NULL,
	attempts INTEGER NOT NULL,
	reason TEXT NOT NULL,
	sent DATETIME,
	CONSTRAINT pk_mails PRIMARY KEY (id),
	CONSTRAINT fk_mails_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE member_shares (
	membership TEXT NOT NULL,
	iri TEXT NOT NULL,
	fields JSON NOT NULL,
	name TEXT,
	phone TEXT,
	email TEXT,
	district TEXT,
	weekly_minutes INTEGER,
	adult BOOLEAN,
	skills JSON NOT NULL,
	certificates JSON NOT NULL,
	languages JSON NOT NULL,
	windows JSON NOT NULL,
	as_of DATETIME NOT NULL,
	CONSTRAINT pk_member_shares PRIMARY KEY (membership),
	CONSTRAINT fk_member_shares_membership_memberships FOREIGN KEY(membership) REFERENCES memberships (id)
);
CREATE TABLE memberships (
	id TEXT NOT NULL,
	"group" TEXT NOT NULL,
	person TEXT NOT NULL,
	handle TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	"join" TEXT,
	link TEXT,
	message TEXT NOT NULL,
	offered JSON NOT NULL,
	decision TEXT,
	asked DATETIME NOT NULL,
	since DATETIME,
	ended DATETIME,
	moved DATETIME,
	CONSTRAINT pk_memberships PRIMARY KEY (id),
	CONSTRAINT fk_memberships_group_groups FOREIGN KEY("group") REFERENCES groups (iri),
	CONSTRAINT uq_memberships_group_person UNIQUE ("group", person)
);
CREATE TABLE named_homes (
	person TEXT NOT NULL,
	home TEXT NOT NULL,
	handle TEXT NOT NULL,
	named DATETIME NOT NULL,
	moved DATETIME,
	CONSTRAINT pk_named_homes PRIMARY KEY (person),
	CONSTRAINT fk_named_homes_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE named_places (
	announce TEXT NOT NULL,
	id TEXT NOT NULL,
	agreement TEXT NOT NULL,
	opening TEXT NOT NULL,
	job TEXT NOT NULL,
	"group" TEXT NOT NULL,
	lender TEXT NOT NULL,
	person TEXT NOT NULL,
	invite TEXT NOT NULL,
	commitment TEXT NOT NULL,
	"create" JSON NOT NULL,
	state VARCHAR(40) NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	named DATETIME NOT NULL,
	changed DATETIME NOT NULL,
	CONSTRAINT pk_named_places PRIMARY KEY (announce),
	CONSTRAINT uq_named_places_id UNIQUE (id)
);
CREATE TABLE notices (
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	kind TEXT NOT NULL,
	"values" JSON NOT NULL,
	link TEXT NOT NULL,
	made DATETIME NOT NULL,
	read DATETIME,
	CONSTRAINT pk_notices PRIMARY KEY (id),
	CONSTRAINT fk_notices_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE openings (
	iri TEXT NOT NULL,
	shift_iri TEXT NOT NULL,
	number INTEGER NOT NULL,
	skill TEXT NOT NULL,
	level INTEGER NOT NULL,
	certificates JSON NOT NULL,
	languages JSON NOT NULL,
	count INTEGER NOT NULL,
	CONSTRAINT pk_openings PRIMARY KEY (iri),
	CONSTRAINT fk_openings_shift_iri_shifts FOREIGN KEY(shift_iri) REFERENCES shifts (iri)
);
CREATE TABLE painted_days (
	person TEXT NOT NULL,
	day DATE NOT NULL,
	hours JSON NOT NULL,
	CONSTRAINT pk_painted_days PRIMARY KEY (person, day),
	CONSTRAINT fk_painted_days_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE painted_hours (
	person TEXT NOT NULL,
	weekday INTEGER NOT NULL,
	start_minute INTEGER NOT NULL,
	end_minute INTEGER NOT NULL,
	CONSTRAINT pk_painted_hours PRIMARY KEY (person, weekday, start_minute),
	CONSTRAINT fk_painted_hours_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE people (
	iri TEXT NOT NULL,
	name TEXT NOT NULL,
	name_public BOOLEAN NOT NULL,
	language TEXT NOT NULL,
	email TEXT,
	phone TEXT,
	adult BOOLEAN NOT NULL,
	weekly_minutes INTEGER NOT NULL,
	district TEXT,
	password TEXT,
	joined DATETIME NOT NULL,
	CONSTRAINT pk_people PRIMARY KEY (iri),
	CONSTRAINT fk_people_iri_actors FOREIGN KEY(iri) REFERENCES actors (iri)
);
INSERT INTO "people" VALUES('http://care.test/people/jeqdr7a4g5rntzqrn5uh','Ana',0,'en','ana@mail.example',NULL,1,2400,NULL,NULL,'2026-11-22 09:07:38.289501');
CREATE TABLE placements (
	invite TEXT NOT NULL,
	id TEXT NOT NULL,
	"group" TEXT NOT NULL,
	person TEXT NOT NULL,
	opening TEXT NOT NULL,
	agreement TEXT NOT NULL,
	receiver TEXT NOT NULL,
	job TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	code TEXT NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	reply_by DATETIME NOT NULL,
	hold_until DATETIME,
	replaces TEXT,
	accept TEXT,
	commitment TEXT,
	"create" JSON,
	announce TEXT,
	withdrawal JSON,
	why JSON NOT NULL,
	decision TEXT,
	invited DATETIME NOT NULL,
	changed DATETIME NOT NULL,
	CONSTRAINT pk_placements PRIMARY KEY (invite),
	CONSTRAINT uq_placements_id UNIQUE (id)
);
CREATE TABLE promise_details (
	invite TEXT NOT NULL,
	document JSON NOT NULL,
	told DATETIME NOT NULL,
	CONSTRAINT pk_promise_details PRIMARY KEY (invite),
	CONSTRAINT fk_promise_details_invite_promises FOREIGN KEY(invite) REFERENCES promises (invite)
);
CREATE TABLE promises (
	invite TEXT NOT NULL,
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	code TEXT NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	minutes INTEGER NOT NULL,
	break_minutes INTEGER NOT NULL,
	pay_cents_per_hour INTEGER NOT NULL,
	currency TEXT NOT NULL,
	reply_by DATETIME NOT NULL,
	hold_until DATETIME,
	replaces TEXT,
	gives_way TEXT,
	claims BOOLEAN NOT NULL,
	accept TEXT,
	"create" TEXT,
	receiver TEXT NOT NULL,
	offered JSON NOT NULL,
	invited DATETIME NOT NULL,
	changed DATETIME NOT NULL,
	CONSTRAINT pk_promises PRIMARY KEY (invite),
	CONSTRAINT fk_promises_person_actors FOREIGN KEY(person) REFERENCES actors (iri),
	CONSTRAINT uq_promises_create UNIQUE ("create"),
	CONSTRAINT uq_promises_id UNIQUE (id)
);
CREATE TABLE readings (
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	reader TEXT NOT NULL,
	day DATE NOT NULL,
	fields JSON NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_readings PRIMARY KEY (person, "group", reader, day),
	CONSTRAINT fk_readings_person_actors FOREIGN KEY(person) REFERENCES actors (iri)
);
CREATE TABLE rights (
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	role VARCHAR(40) NOT NULL,
	source TEXT NOT NULL,
	since DATETIME NOT NULL,
	CONSTRAINT pk_rights PRIMARY KEY (person, "group", role, source)
);
INSERT INTO "rights" VALUES('http://care.test/people/jeqdr7a4g5rntzqrn5uh','http://care.test/groups/yi2pmsqxfuynh3tp2xmp','leader','first','2026-11-22 09:07:38.289501');
INSERT INTO "rights" VALUES('http://care.test/people/jeqdr7a4g5rntzqrn5uh','http://care.test/groups/yi2pmsqxfuynh3tp2xmp','administrator','first','2026-11-22 09:07:38.289501');
CREATE TABLE sessions (
	hash TEXT NOT NULL,
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	way TEXT NOT NULL,
	device TEXT NOT NULL,
	made DATETIME NOT NULL,
	seen DATETIME NOT NULL,
	expires DATETIME NOT NULL,
	CONSTRAINT pk_sessions PRIMARY KEY (hash),
	CONSTRAINT fk_sessions_person_people FOREIGN KEY(person) REFERENCES people (iri),
	CONSTRAINT uq_sessions_id UNIQUE (id)
);
CREATE TABLE shifts (
	iri TEXT NOT NULL,
	job_iri TEXT NOT NULL,
	number INTEGER NOT NULL,
	starts DATETIME NOT NULL,
	ends DATETIME NOT NULL,
	timezone TEXT NOT NULL,
	called_off DATETIME,
	CONSTRAINT pk_shifts PRIMARY KEY (iri),
	CONSTRAINT fk_shifts_job_iri_jobs FOREIGN KEY(job_iri) REFERENCES jobs (iri)
);
CREATE TABLE shortlist_gaps (
	subject TEXT NOT NULL,
	opening TEXT NOT NULL,
	places INTEGER NOT NULL,
	code TEXT NOT NULL,
	"values" JSON NOT NULL,
	allies JSON NOT NULL,
	CONSTRAINT pk_shortlist_gaps PRIMARY KEY (subject, opening)
);
CREATE TABLE shortlist_rows (
	subject TEXT NOT NULL,
	opening TEXT NOT NULL,
	person TEXT NOT NULL,
	suggested BOOLEAN NOT NULL,
	code TEXT NOT NULL,
	"values" JSON NOT NULL,
	CONSTRAINT pk_shortlist_rows PRIMARY KEY (subject, opening, person)
);
CREATE TABLE shortlists (
	subject TEXT NOT NULL,
	"group" TEXT NOT NULL,
	problem_hash TEXT NOT NULL,
	rule_version TEXT NOT NULL,
	seed TEXT NOT NULL,
	decision TEXT,
	found DATETIME NOT NULL,
	CONSTRAINT pk_shortlists PRIMARY KEY (subject)
);
CREATE TABLE sign_in_attempts (
	"key" TEXT NOT NULL,
	count INTEGER NOT NULL,
	since DATETIME NOT NULL,
	CONSTRAINT pk_sign_in_attempts PRIMARY KEY ("key")
);
CREATE TABLE sign_in_links (
	hash TEXT NOT NULL,
	kind VARCHAR(40) NOT NULL,
	person TEXT NOT NULL,
	purpose TEXT NOT NULL,
	made DATETIME NOT NULL,
	expires DATETIME NOT NULL,
	tries INTEGER NOT NULL,
	CONSTRAINT pk_sign_in_links PRIMARY KEY (hash),
	CONSTRAINT fk_sign_in_links_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE staffed_openings (
	opening TEXT NOT NULL,
	agreement TEXT NOT NULL,
	auto_confirm BOOLEAN NOT NULL,
	CONSTRAINT pk_staffed_openings PRIMARY KEY (opening, agreement)
);
CREATE TABLE takeovers (
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	old TEXT NOT NULL,
	group_name TEXT NOT NULL,
	fields JSON NOT NULL,
	until DATETIME NOT NULL,
	CONSTRAINT pk_takeovers PRIMARY KEY (person, "group"),
	CONSTRAINT fk_takeovers_person_people FOREIGN KEY(person) REFERENCES people (iri)
);
CREATE TABLE tokens (
	hash TEXT NOT NULL,
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	label TEXT NOT NULL,
	scopes JSON NOT NULL,
	made DATETIME NOT NULL,
	seen DATETIME,
	expires DATETIME,
	CONSTRAINT pk_tokens PRIMARY KEY (hash),
	CONSTRAINT fk_tokens_person_people FOREIGN KEY(person) REFERENCES people (iri),
	CONSTRAINT uq_tokens_id UNIQUE (id)
);
CREATE TABLE transparency_entries (
	seq INTEGER NOT NULL,
	decision TEXT NOT NULL,
	at DATETIME NOT NULL,
	kind TEXT NOT NULL,
	"group" TEXT,
	by_mark TEXT NOT NULL,
	about_mark TEXT,
	text TEXT NOT NULL,
	"values" JSON NOT NULL,
	previous TEXT NOT NULL,
	digest TEXT NOT NULL,
	CONSTRAINT pk_transparency_entries PRIMARY KEY (seq),
	CONSTRAINT uq_transparency_entries_decision UNIQUE (decision)
);
INSERT INTO "transparency_entries" VALUES(1,'znGns7pVLtVHNKMnBtXgVw','2026-11-22 09:07:38.289501','people.granted','http://care.test/groups/yi2pmsqxfuynh3tp2xmp','63b9a994cbe7425398adc6d53da343f561549837635d6fee97003fce833cd838','bb701c14db0e16e49747213ab132c15e39d579bfdd256e4326c19ce228ccd43a','Somebody became %(role)s.','{"role": "leader"}','0000000000000000000000000000000000000000000000000000000000000000','dafb7c5e969943c763b927867069097186eb659d34a0fdc94f96f7237966d53f');
INSERT INTO "transparency_entries" VALUES(2,'yw3qrshThLhtvF4-1NAocQ','2026-11-22 09:07:38.289501','people.granted','http://care.test/groups/yi2pmsqxfuynh3tp2xmp','63b9a994cbe7425398adc6d53da343f561549837635d6fee97003fce833cd838','bb701c14db0e16e49747213ab132c15e39d579bfdd256e4326c19ce228ccd43a','Somebody became %(role)s.','{"role": "administrator"}','dafb7c5e969943c763b927867069097186eb659d34a0fdc94f96f7237966d53f','93f23d75066f7d87905869fc25a5a7c55aeb905a336d15fc6095b18d7e51f045');
CREATE TABLE transparency_head (
	one INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	digest TEXT NOT NULL,
	CONSTRAINT pk_transparency_head PRIMARY KEY (one)
);
INSERT INTO "transparency_head" VALUES(1,2,'93f23d75066f7d87905869fc25a5a7c55aeb905a336d15fc6095b18d7e51f045');
CREATE TABLE transparency_salts (
	mark TEXT NOT NULL,
	person TEXT NOT NULL,
	salt TEXT NOT NULL,
	CONSTRAINT pk_transparency_salts PRIMARY KEY (mark),
	CONSTRAINT uq_transparency_salts_person UNIQUE (person)
);
INSERT INTO "transparency_salts" VALUES('63b9a994cbe7425398adc6d53da343f561549837635d6fee97003fce833cd838','http://care.test/groups/yi2pmsqxfuynh3tp2xmp','ead9b1e0e83d664c24f197a546e3fa8a');
INSERT INTO "transparency_salts" VALUES('bb701c14db0e16e49747213ab132c15e39d579bfdd256e4326c19ce228ccd43a','http://care.test/people/jeqdr7a4g5rntzqrn5uh','49b3827406fbb9d5e027f502e0833b7f');
CREATE TABLE work_records (
	event TEXT NOT NULL,
	side VARCHAR(40) NOT NULL,
	id TEXT NOT NULL,
	person TEXT NOT NULL,
	"group" TEXT NOT NULL,
	lender TEXT,
	agreement TEXT,
	invite TEXT NOT NULL,
	commitment TEXT NOT NULL,
	job TEXT NOT NULL,
	opening TEXT NOT NULL,
	title TEXT NOT NULL,
	timezone TEXT NOT NULL,
	started DATETIME NOT NULL,
	ended DATETIME NOT NULL,
	break_minutes INTEGER NOT NULL,
	minutes INTEGER NOT NULL,
	cents_per_hour INTEGER NOT NULL,
	currency TEXT NOT NULL,
	code VARCHAR(40) NOT NULL,
	words TEXT NOT NULL,
	state VARCHAR(40) NOT NULL,
	replaces TEXT,
	proposed INTEGER,
	answer TEXT NOT NULL,
	agreed TEXT,
	decision TEXT,
	placed BOOLEAN NOT NULL,
	stated DATETIME NOT NULL,
	answered DATETIME,
	CONSTRAINT pk_work_records PRIMARY KEY (event, side),
	CONSTRAINT uq_work_records_id UNIQUE (id)
);
CREATE INDEX ix_alliances_pair ON alliances ("group", ally, state);
CREATE INDEX ix_asks_group ON asks ("group", side, state);
CREATE INDEX ix_asks_job ON asks (job, side);
CREATE INDEX ix_due_at ON due (at);
CREATE INDEX ix_federation_followers_follower ON federation_followers (follower);
CREATE INDEX ix_federation_inbox_due ON federation_inbox (origin, next_try) WHERE state = 'ready';
CREATE INDEX ix_federation_inbox_ignored ON federation_inbox (reason) WHERE state = 'ignored';
CREATE INDEX ix_federation_inbox_order ON federation_inbox (origin, seq) WHERE state = 'ready';
CREATE INDEX ix_federation_inbox_waiting ON federation_inbox (next_try) WHERE state = 'ready' AND waits = 1;
CREATE INDEX ix_federation_outbox_public ON federation_outbox (sender, seq) WHERE public = 1;
CREATE INDEX ix_known_jobs_group_until ON known_jobs (group_iri, until);
CREATE INDEX ix_known_jobs_origin ON known_jobs (origin);
CREATE INDEX ix_known_jobs_until ON known_jobs (until);
CREATE INDEX ix_ledger_entries_account ON ledger_entries (account, counter, unit);
CREATE INDEX ix_named_places_commitment ON named_places (commitment);
CREATE INDEX ix_named_places_group ON named_places ("group", starts);
CREATE INDEX ix_named_places_opening ON named_places (opening, agreement, state);
CREATE INDEX ix_placements_commitment ON placements (commitment);
CREATE INDEX ix_placements_group ON placements ("group", starts);
CREATE INDEX ix_placements_job ON placements (job);
CREATE INDEX ix_placements_opening ON placements (opening, agreement, state);
CREATE INDEX ix_placements_person ON placements (person);
CREATE INDEX ix_placements_replaces ON placements (replaces);
CREATE INDEX ix_rights_group ON rights ("group");
CREATE INDEX ix_shortlist_rows_person ON shortlist_rows (person);
CREATE INDEX ix_sign_in_attempts_since ON sign_in_attempts (since);
CREATE INDEX ix_transparency_entries_about_mark ON transparency_entries (about_mark);
CREATE INDEX ix_transparency_entries_by_mark ON transparency_entries (by_mark);
CREATE INDEX ix_transparency_entries_group ON transparency_entries ("group");
CREATE INDEX ix_work_records_group ON work_records ("group", side, state, started);
CREATE INDEX ix_work_records_invite ON work_records (invite, side);
CREATE INDEX ix_work_records_lender ON work_records (lender, side, state, started);
CREATE INDEX ix_work_records_person ON work_records (person, side, started);
CREATE INDEX ix_work_records_replaces ON work_records (replaces, side);
CREATE INDEX ix_agreements_ended ON agreements (ended);
CREATE INDEX ix_agreements_person_group ON agreements (person, "group");
CREATE INDEX ix_concierges_leader ON concierges (leader);
CREATE INDEX ix_days_off_person ON days_off (person);
CREATE INDEX ix_federation_deliveries_failed ON federation_deliveries (id) WHERE state = 'failed';
CREATE INDEX ix_federation_deliveries_order ON federation_deliveries (peer, id) WHERE state = 'ready';
CREATE INDEX ix_federation_deliveries_parked ON federation_deliveries (peer, next_try) WHERE state = 'parked';
CREATE INDEX ix_jobs_ends ON jobs (ends);
CREATE INDEX ix_jobs_group_ends ON jobs (group_iri, ends);
CREATE INDEX ix_loans_agreement ON loans (agreement, side);
CREATE INDEX ix_loans_ask_id ON loans (ask_id);
CREATE INDEX ix_loans_group ON loans ("group", side, state);
CREATE INDEX ix_people_email ON people (email);
CREATE INDEX ix_promises_person_starts ON promises (person, starts);
CREATE INDEX ix_answer_links_expires ON answer_links (expires);
CREATE INDEX ix_answer_links_person ON answer_links (person);
CREATE INDEX ix_belongings_group ON belongings ("group");
CREATE INDEX ix_belongings_join ON belongings ("join");
CREATE INDEX ix_join_links_group ON join_links ("group");
CREATE INDEX ix_loan_places_opening ON loan_places (opening);
CREATE INDEX ix_mails_made ON mails (made);
CREATE INDEX ix_mails_person ON mails (person);
CREATE INDEX ix_mails_state_next_try ON mails (state, next_try);
CREATE INDEX ix_memberships_group_state ON memberships ("group", state);
CREATE INDEX ix_memberships_person ON memberships (person);
CREATE INDEX ix_notices_made ON notices (made);
CREATE INDEX ix_notices_person_made ON notices (person, made);
CREATE INDEX ix_sessions_expires ON sessions (expires);
CREATE INDEX ix_sessions_person ON sessions (person);
CREATE INDEX ix_shifts_job_iri ON shifts (job_iri);
CREATE INDEX ix_sign_in_links_expires ON sign_in_links (expires);
CREATE INDEX ix_sign_in_links_person ON sign_in_links (person);
CREATE INDEX ix_tokens_person ON tokens (person);
CREATE INDEX ix_openings_shift_iri ON openings (shift_iri);
COMMIT;
