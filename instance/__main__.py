"""Lets `python -m instance` be the program."""

from instance.cli import main

if __name__ == "__main__":
    main(prog_name="ayni")
