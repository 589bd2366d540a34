"""The bank in a kernel with a GPU."""
