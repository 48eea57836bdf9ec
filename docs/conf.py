"""Sphinx configuration; build with `python -m sphinx -W -b html docs docs/_build`.

Nothing is fetched: pages read offline, and the inventories of other projects are small lists kept here.
"""

import sys
from pathlib import Path

import matplotlib

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "extensions")]

from modecollapse import __version__ as release  # noqa: E402

project = "modecollapse"
author = "The modecollapse developers"
extensions = [
    "breaks",
    "docstrings",
    "gallery",
    "mathml",
    "numbered",
    "scripts",
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build", "paper", "training"]  # the last has tables that a page includes
templates_path = ["_templates"]
suppress_warnings = [
    "ref.python",  # a word in the type of a parameter may be the name of several attributes
    "toc.not_included",  # pages that are being written are listed when they are done
]

html_theme = "furo"
html_theme_options = {
    name: {"code-font-size": "0.75rem"} for name in ("light_css_variables", "dark_css_variables")
}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/explorer.html",  # ours, in _templates
        "sidebar/scroll-end.html",
    ]
}
html_title = f"modecollapse {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = ["pages.js"]
html_show_copyright = False
html_show_sphinx = False

highlight_options = {"python": {"stripnl": True}}  # the blank line that ends a doctest
default_role = "py:obj"
autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_mock_imports = ["jax", "optax", "tqdm"]  # the pages of `gan` need no JAX
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

intersphinx_mapping = {
    "numpy": ("https://numpy.org/doc/stable/", str(HERE / "inventories" / "numpy.txt")),
    "scipy": ("https://docs.scipy.org/doc/scipy/", str(HERE / "inventories" / "scipy.txt")),
    "python": ("https://docs.python.org/3/", str(HERE / "inventories" / "python.txt")),
    "matplotlib": ("https://matplotlib.org/stable/", str(HERE / "inventories" / "matplotlib.txt")),
    "hypothesis": (
        "https://hypothesis.readthedocs.io/en/latest/",
        str(HERE / "inventories" / "hypothesis.txt"),
    ),
}

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_dmath_allow_digits = False  # "$5 and $6" are prices
myst_update_mathjax = False
html_math_renderer = "mathml"
myst_heading_anchors = 3

plot_formats = ["svg"]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = True
plot_apply_rcparams = True
plot_rcparams = {
    **matplotlib.rc_params_from_file(
        HERE.parent / "modecollapse" / "paper.mplstyle", use_default_template=False
    ),
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "legend.fontsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}
