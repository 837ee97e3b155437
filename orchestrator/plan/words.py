"""A plan in words, and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict

from orchestrator.plan.entering import Enters
from orchestrator.plan.messages import MessageChange
from orchestrator.plan.people import counted
from orchestrator.plan.plan import DrawChange, JourneyChange, Plan
from orchestrator.plan.steps import StepChange

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


def words(plan: Plan, now: int) -> list[str]:
    """Line by line. `now` in milliseconds."""
    if plan.empty:
        return [f"version {plan.next[:8]} is in force already: nothing would change"]
    lines = [f"{plan.base[:8] or 'nothing'} → {plan.next[:8]}   {counted(plan.people)} looked at"]
    for journey in plan.journeys:
        lines += ["", *_journey(journey, now)]
    lines.append("")
    lines += [f"enters     {one.journey}: {_enters(one)}, if its entry lets them in" for one in plan.entering]
    lines += [f"messages   {message.name}: {', '.join(message.changes)}; {_uses(message)}; 0 sent again" for message in plan.messages]
    lines += [f"files      {one}" for one in plan.others]
    lines += [f"history    {one}" for one in plan.history]
    if plan.damaged:
        lines.append(f"damaged    {plan.damaged} stored profiles cannot be read: where these people stand is not known")
    lines += [f"refused    {one.code}  {one.what}\n             fix: {one.fix}" for one in plan.refused] or ["refused    nothing"]
    return lines


def _enters(entering: Enters) -> str:
    one = entering.people == 1
    how = {"existing": "is in" if one else "are in", "leaves": "leaves" if one else "leave"}.get(entering.how, "joins" if one else "join")
    when = "already" if entering.how == "existing" else "at once"
    return f"{counted(entering.people)} {how} '{entering.audience}' {when}"


def _uses(message: MessageChange) -> str:
    """Which text those get that are not sent yet; who is in flight and keeps the earlier one."""
    left = message.waiting - message.cancelled - message.pinned
    parts = [
        (message.cancelled, "is cancelled", "are cancelled"),
        (message.pinned, "keeps the one it began with", "keep the one they began with"),
    ]
    parts = [part for part in parts if part[0]]
    if left or not message.removed:
        parts.append((left, "needs it", "need it") if message.removed else (left, "will use it", "will use it"))
    said = [(number, one if number == 1 else more) for number, one, more in parts]
    keep = f"; {counted(message.keep)} in flight {'keeps' if message.keep == 1 else 'keep'} the one they began with" if message.keep else ""
    if len(said) < 2:
        return " ".join([f"{message.waiting} not yet sent", *(text for _number, text in said)]) + keep
    return f"{message.waiting} not yet sent: {', '.join(f'{number} {text}' for number, text in said)}{keep}"


def _journey(journey: JourneyChange, now: int) -> Iterator[str]:
    if not journey.before:
        yield f"{journey.name}  {journey.status}  new, {journey.after}"
        yield from _too_late(journey, now)
        return
    inside = f"{counted(journey.people, journey.runs)} in it"
    if not journey.after:
        yield f"{journey.name}  deleted, {inside}"
        yield from _leaving(journey)
        return
    yield f"{journey.name}  {journey.status}  {journey.before} → {journey.after}   in_flight: {journey.in_flight}, {inside}"
    for one in journey.header or ("unchanged",):
        yield f"  header     {one}"
    yield from _too_late(journey, now)
    if journey.earlier:
        yield f"  versions   {counted(journey.earlier)} {'comes' if journey.earlier == 1 else 'come'} over from an earlier version to this one"
    for step in journey.steps:
        yield f"  {step.mark} {step.step:<10} {step.word:<12} {_step(step, journey, now)}"
    for one in journey.forgotten:
        yield f"  was        {one}"
    for name in journey.idle:
        yield f"  removed    '{name}' sends nobody: it is in this file, and the same kind of step"
    if journey.newer:
        yield f"  texts      {counted(journey.newer)} in flight {'gets' if journey.newer == 1 else 'get'} the text in force, no longer the one they began with"
    for draw in journey.draws:
        yield f"  {draw.step or 'holdout':<10} {_draw(draw)}"
    yield from _leaving(journey)


def _too_late(journey: JourneyChange, now: int) -> Iterator[str]:
    if journey.once is not None and journey.once < now:
        yield "  entries    nobody: the time of `once` is past, and counts only from the apply on"


def _leaving(journey: JourneyChange) -> Iterator[str]:
    if journey.leaving:
        yield f"  leaves     {counted(journey.leaving)} (version_exit)"
    if journey.too_old:
        yield f"  leaves     {counted(journey.too_old)} older than max_age (max_age)"
    yield from _cancels(journey)


def _cancels(journey: JourneyChange) -> Iterator[str]:
    if journey.cancelled:
        yield f"  cancels    {journey.cancelled} {'message' if journey.cancelled == 1 else 'messages'} due or held (journey_exited)"
    if journey.dropped:
        which = "1 message that waits" if journey.dropped == 1 else f"{journey.dropped} messages that wait"
        yield f"  limits     {which} for the next day, as far as the limit is still reached: over: drop (journey_limit)"
    if journey.falls_no_more:
        one = journey.falls_no_more == 1
        yield f"  fallback   {journey.falls_no_more} sent {'message goes' if one else 'messages go'} on to no other channel: the step that sent {'it' if one else 'them'} is gone"


def _draw(draw: DrawChange) -> str:
    if not draw.step:
        return f"{draw.before} → {draw.after}   {counted(draw.people or 0)} would change sides at a later entry"
    later = "every later run draws for itself" if draw.people is None else f"{counted(draw.people)} would draw another arm at a later visit"
    return f"{draw.before} → {draw.after}   {later}; {draw.kept} {'run keeps' if draw.kept == 1 else 'runs keep'} the arm they have"


def _step(step: StepChange, journey: JourneyChange, now: int) -> str:
    match step.mark:
        case "+":
            return f"reaches {counted(step.before)} before it; {step.past} {'is' if step.past == 1 else 'are'} past it"
        case "-" if journey.in_flight.startswith("continue"):
            return f"removed   {_continue(step)}" if step.people else "removed   0 people"
        case "-":
            return f"removed   {counted(step.people, step.runs)}{f' → {step.to}' if step.to else ''}"
        case _:
            leaves = f", {step.leaving} {'leaves' if step.leaving == 1 else 'leave'}" if step.leaving else ""
            return f"{step.what}   {_meets(step, journey, now)}{leaves}{_held(step)}".lstrip()


def _held(step: StepChange) -> str:
    if not step.held:
        return ""
    what = (
        "1 message that is not sent yet goes out as it was" if step.held == 1 else f"{step.held} messages not sent yet go out as they were"
    )
    return f"; {what} planned ({', '.join(step.as_planned)})"


def _continue(step: StepChange) -> str:
    return f"{counted(step.people, step.runs)} {'goes' if step.people == 1 else 'go'} on in the version they began with"


def _meets(step: StepChange, journey: JourneyChange, now: int) -> str:
    """What a changed step means to those who stand in it."""
    people = counted(step.people, step.runs)
    if step.people and journey.in_flight.startswith("continue"):
        return _continue(step)
    if step.to:
        return f"{people} → {step.to}"
    if not step.people or step.first is None or step.last is None:
        return people
    when = f"(next in {_length(step.first - now)}, last in {_length(step.last - now)})"
    if not step.retimed:
        return f"{people} {'keeps its instant' if step.people == 1 else 'keep their instant'} {when}"
    moved = counted(step.retimed) if step.retimed < step.people else people
    rest = step.people - step.retimed
    keep = f", {rest} {'keeps its' if rest == 1 else 'keep theirs'}" if rest else ""
    return f"{moved} {'gets' if step.retimed == 1 else 'get'} a new instant {when}{keep}"


def _length(milliseconds: int) -> str:
    """The two largest units: `5 d 21 h`."""
    left = max(milliseconds, 0)
    parts: list[str] = []
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number or (parts and len(parts) < 2):
            parts.append(f"{number} {unit}")
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 s"


def as_json(plan: Plan) -> dict[str, object]:
    """The same fields."""
    return asdict(plan)
