"""The reference models in PyTorch."""
