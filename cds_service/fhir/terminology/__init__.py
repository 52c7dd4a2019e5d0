"""The codes and words by which ITB therapy is recognised in a record, in one place.

HIGH codes were verified in at least one official or widely used source and may be emitted; MEDIUM
codes are read only, and the evidence says so. Codes that look right and are not (insulin pump,
IV pump, urogenital implant, oral baclofen) stand here too, and tests hold them out.
"""
