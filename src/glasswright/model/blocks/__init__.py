"""The parts that a decoder is put together from: each reads its settings from the description, its weights by slot."""
