"""Another implementation, written from FEDERATION.md and the standards it names.

It takes nothing from the program: what it gets wrong, the document does not say.
"""
