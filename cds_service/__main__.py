"""`python -m cds_service` is the command `itb-cds`."""

import sys

from cds_service.cli import main

sys.exit(main())
