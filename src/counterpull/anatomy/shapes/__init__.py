"""Reference bones as signed distances, drawn from the landmarks; only needed to build bones.npz."""
