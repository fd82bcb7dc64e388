"""One co-operative's server: its rows, its rules, its pages, and what they mean on the wire."""

__version__ = "0.1.0"
