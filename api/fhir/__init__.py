"""A door for health systems, in FHIR R4: a practice's own software sends referrals and reads their course.

It is shaped like the NHS Booking and Referral Standard, which has no application for social prescribing, and
conforms to nothing but the base standard as far as `shapes` writes it down. What must never happen: a
referral of another practice's, a part beyond the person's consent, or a look that is not in the log.
"""
