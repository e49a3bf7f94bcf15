"""The base of every model under its earlier address; it lives in :mod:`cultureplan.siting.model`."""

from __future__ import annotations

from cultureplan.siting.model import Control as Control
from cultureplan.siting.model import SitingModel as SitingModel
