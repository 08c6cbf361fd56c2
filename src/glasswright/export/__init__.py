"""A model in the formats that others run: a folder for transformers, a GGUF file for llama.cpp."""
