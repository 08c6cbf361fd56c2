"""How far the auditor agrees with people: `python -m benchmarks.audit_agreement` prints every figure."""
