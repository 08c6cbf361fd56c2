"""Envelopes, Merkle trees and the digests they are made of; no idea of what is attested."""
