"""Hypothesis profiles: "ci" repeats itself; "deep" (HYPOTHESIS_PROFILE=deep) explores anew each time;
"mutation" is "ci", but content with a failure as it is found.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile("ci", max_examples=60, derandomize=True, deadline=None)
settings.register_profile(
    "deep", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("mutation", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
