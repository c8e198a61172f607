"""Draw the gallery: python -m counterpull.interfaces.figures FOLDER [--small]"""

import sys
from pathlib import Path

from counterpull.interfaces.figures.gallery import write

if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(folders) != 1:
        sys.exit("gallery: name one folder, such as docs/gallery.")
    write(Path(folders[0]), small="--small" in sys.argv)
