"""The one assessment that hook, command, $apply, worklist and population share. Pure."""

from cds_service.assessment.assess import Assessment, Rulebook, assess
from cds_service.assessment.occasion import WORKLIST, Occasion

__all__ = ["WORKLIST", "Assessment", "Occasion", "Rulebook", "assess"]
