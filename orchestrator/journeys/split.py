"""Which arm of a split: drawn from a hash, so that the same person gets the same one at every visit, run and restart."""

from orchestrator.frame import Frame
from orchestrator.model.bucket import bucket
from orchestrator.model.run import Run, StepRecord
from orchestrator.workspace.step import Share, SplitStep


def draw(step: SplitStep, run: Run, record: StepRecord, frame: Frame) -> Share:
    """A run keeps the arm it has, whatever became of the weights; if that arm is gone it draws again."""
    named = (frame.arms or {}).get(step.node, record.path)
    kept = next((arm for arm in step.arms if arm.name == named), None)
    if kept is not None:
        return kept
    who = frame.customer.id if step.sticky == "customer" else f"{frame.customer.id}/{run.id}"  # a run's id is the customer's own
    place = bucket(frame.workspace.name, "split", f"{run.journey}/{step.origin}", who)
    end = 0.0
    for arm in step.arms:
        end += arm.share
        if place < end:
            return arm
    return next(arm for arm in reversed(step.arms) if arm.share)  # the shares' sum is a hair below 1
