"""What MONITOR works out beside the plain figures: pieces that its stage puts together.

figures   all sections, and why one is missing
audited   accuracy without the share of labels that is wrong
months    one question asked every month since the live version went live
"""
