"""The coordinator's work: what stands for each patient, in which lane, and who does what by when.

Pure: values in, values out. What is kept stands in `store`, what is shown in `web`.
"""
