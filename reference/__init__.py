"""Models to learn from: the same file and function names in `on_torch` and `on_keras`."""
