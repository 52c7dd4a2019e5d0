"""The one assessment that hook, command, $apply, worklist and population share. Pure."""

from cds_service.assessment.assess import Assessment, Rulebook, assess

__all__ = ["Assessment", "Rulebook", "assess"]
