"""The commands of `python -m reference`: each has `add_arguments(parser)` and `main(options) -> int`."""
