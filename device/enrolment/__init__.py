"""Enrolment: pairing a gate with its hub by a code, and the document that the gate keeps of it."""
