"""``python -m device`` is the command ``gate-scanner``."""

import sys

from device.cli import main

sys.exit(main())
