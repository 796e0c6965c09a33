"""Pure statistics: arrays in, frozen dataclasses out.

Nothing here knows Django, our rows or a threshold; thresholds live in `retraining.policy`.
Rates are fractions (0.91, not 91), differences are fractions of one (0.03 is three points),
randomness comes from an explicit seed, and a sample that can't answer raises `BadSample`.

    estimate      a rate with its interval and n
    intervals     one rate, and the difference of two independent rates
    paired        two models on the same rows
    bins          values -> counts on frozen bins
    distances     how far two count vectors or samples are apart
    drift         is that further than chance for these sample sizes?
    multiplicity  many looks at once
    power         how many labels are enough
    changepoint   since which day, and which days
    burst         on which few days, where rows differ in how readily they show it
    noise         accuracy when some labels are wrong
    noise_rate    how many labels are wrong
    sequential    the same question every month, at one stated risk a year
    pooling       small categories borrow from the others
    labelfree     accuracy without labels, from calibrated confidence
    decomposition other rows, or the same rows answered worse?
    cohorts       segments and versions that fail while the average looks well
    outcomes      what the predictions were good for, by band and over months
    learningcurve what more rows would be worth
"""
