"""The reference models in Keras."""
