"""Jobs, their shifts and openings: the feature's door for all others."""

from __future__ import annotations

from instance.jobs.changes import call_off_job, call_off_shift, change_job, move_shift, tell_allies
from instance.jobs.company import people_wanted
from instance.jobs.documents import details_document, job_document, posting_of
from instance.jobs.known import deleted_among, known_job, known_jobs, was_deleted
from instance.jobs.models import Audience, JobState
from instance.jobs.posting import post_job
from instance.jobs.published import hear_published, is_published, known_public, open_jobs
from instance.jobs.reading import (
    headline,
    job,
    jobs,
    opening,
    openings,
    pay_splits,
    require_job,
    shift,
)
from instance.jobs.screens import seen_job
from instance.jobs.views import (
    JobDetails,
    JobPage,
    JobView,
    KnownJobView,
    NewJob,
    NewOpening,
    NewShift,
    OpeningView,
    OpenJob,
    PostedShift,
    Posting,
    ShiftView,
)
from instance.jobs.wording import page_words

__all__ = [
    "Audience",
    "JobDetails",
    "JobPage",
    "JobState",
    "JobView",
    "KnownJobView",
    "NewJob",
    "NewOpening",
    "NewShift",
    "OpenJob",
    "OpeningView",
    "PostedShift",
    "Posting",
    "ShiftView",
    "call_off_job",
    "call_off_shift",
    "change_job",
    "deleted_among",
    "details_document",
    "headline",
    "hear_published",
    "is_published",
    "job",
    "job_document",
    "jobs",
    "known_job",
    "known_jobs",
    "known_public",
    "move_shift",
    "open_jobs",
    "opening",
    "openings",
    "page_words",
    "pay_splits",
    "people_wanted",
    "post_job",
    "posting_of",
    "require_job",
    "seen_job",
    "shift",
    "tell_allies",
    "was_deleted",
]
