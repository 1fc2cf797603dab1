"""Sentences that ask for something to be sent or watched: digests, monitors and incidents."""
