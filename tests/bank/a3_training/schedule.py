"""Mutants of `make_schedule`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_PLATEAU = 'torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=patience)'
K_PLATEAU = 'keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=patience, min_delta=0.0)'
OWN = """
    class Own{base}:
        def __init__(self):
            {start}self.best, self.count, self.last, self.epoch, self.rest = float("inf"), 0, float("inf"), 0, 0

        def divide(self, factor=10):
            {divide}

        def step(self, error):
            self.epoch += 1
{step}
{end}
    return {made}"""
STEP = """            if error < self.best:
                self.best, self.count = error, 0
            else:
                self.count += 1
            if self.count >= patience:
                self.count = 0
                self.divide()"""
K_END = "\n        def on_epoch_end(self, epoch, logs=None):\n            self.step(logs['val_loss'])\n"


def own(*changes: tuple[str, str]) -> tuple[Edits, Edits]:
    """Edits that put a schedule of one's own in the place of the framework's, with changes of its step."""
    step = STEP
    for old, new in changes:
        if old not in step:
            raise ValueError(f"no {old!r} in the step")
        step = step.replace(old, new)
    torch = OWN.format(base="", start="", step=step, end="", made="Own()",
                       divide="for group in optimizer.param_groups:\n                group['lr'] /= factor")  # fmt: skip
    keras = OWN.format(base="(keras.callbacks.Callback)", start="super().__init__()\n            ", step=step, end=K_END,
                       made="[Own()]", divide="self.model.optimizer.learning_rate.assign(self.model.optimizer.learning_rate / factor)")  # fmt: skip
    return ((f"    return {T_PLATEAU}", torch[1:]),), ((f"    return [{K_PLATEAU}]", keras[1:]),)


def _plateau(old: str, new: str) -> tuple[Edits, Edits]:
    return ((T_PLATEAU, T_PLATEAU.replace(old, new)),), ((K_PLATEAU, K_PLATEAU.replace(old, new)),)


RESET = "                self.best, self.count = error, 0\n"
CUT = "                self.count = 0\n                self.divide()"
MUTANTS = (
    Entry("schedule_half", "make_schedule", "by 0.5", *_plateau("factor=0.1", "factor=0.5"), mistake="wrong_factor"),
    Entry("schedule_patience_ignored", "make_schedule", "waits", *_plateau(", patience=patience", ""), mistake="patience_ignored"),
    Entry("schedule_patience_five", "make_schedule", "whatever `patience` says", *_plateau("patience=patience", "patience=5"), mistake="patience_ignored"),
    Entry("schedule_patience_doubled", "make_schedule", "times the first one", *_plateau("patience=patience", "patience=2 * patience")),
    Entry("schedule_patience_two_more", "make_schedule", "late", *_plateau("patience=patience", "patience=patience + 2"), mistake="wrong_wait"),
    Entry("schedule_patience_two_less", "make_schedule", "early", ((T_PLATEAU, T_PLATEAU.replace("patience=patience", "patience=max(patience - 3, 0)")),),
          ((K_PLATEAU, K_PLATEAU.replace("patience=patience", "patience=max(patience - 2, 1)")),)),
    Entry("schedule_max", "make_schedule", "a lower error is better", *_plateau('mode="min"', 'mode="max"')[:1],
          ((K_PLATEAU, K_PLATEAU.replace('"val_loss"', '"val_loss", mode="max"')),), mistake="greater_is_better"),
    Entry("schedule_cooldown_of_patience", "make_schedule", "makes the next one late", *_plateau("patience=patience", "patience=patience, cooldown=patience"), mistake="cooldown"),
    Entry("schedule_cooldown", "make_schedule", "after a division", _plateau("patience=patience", "patience=patience, cooldown=1")[0],
          _plateau("patience=patience", "patience=patience, cooldown=2")[1], mistake="cooldown"),
    Entry("schedule_high_floor", "make_schedule", "no rate below 0.001", ((T_PLATEAU, T_PLATEAU.replace("patience=patience", "patience=patience, min_lr=1e-3")),),
          ((K_PLATEAU, K_PLATEAU.replace("patience=patience", "patience=patience, min_lr=1e-3")),), mistake="floor_too_high"),
    Entry("schedule_blind", "make_schedule", "no notice of the error",
          *own((STEP, "            if self.epoch % patience == 0:\n                self.divide()")), mistake="blind"),
    Entry("schedule_divides_at_the_start", "make_schedule", "follow your schedule by hand",
          *own((STEP, "            if self.epoch == 1:\n                self.divide()"))),
    Entry("schedule_divides_every_epoch_after", "make_schedule", "start to count again", *own((CUT, "                self.divide()")), mistake="count_kept"),
    Entry("schedule_never_resets", "make_schedule", "sets the count back", *own((RESET, "                self.best = error\n")), mistake="count_not_reset"),
    Entry("schedule_once", "make_schedule", "once and never again", *own(("if self.count >= patience:", "if self.count >= patience and not self.rest:"), (CUT, CUT + "\n                self.rest = 1")), mistake="stops_dividing"),
    Entry("schedule_twice", "make_schedule", "twice and never again", *own(("if self.count >= patience:", "if self.count >= patience and self.rest < 2:"), (CUT, CUT + "\n                self.rest += 1")), mistake="stops_dividing"),
    Entry("schedule_last_error", "make_schedule", "epoch before", *own(("error < self.best", "error < self.last"), (RESET, "                self.count = 0\n"),
          ("            if self.count >=", "            self.last = error\n            if self.count >=")), mistake="compares_with_last"),
    Entry("schedule_forgets_the_best", "make_schedule", "keep the best error", *own((CUT, CUT + '\n                self.best = float("inf")')), mistake="best_forgotten"),
    Entry("schedule_zero_is_none", "make_schedule", "a best error of 0 for none", *own(("if error < self.best:", "if not self.best or error < self.best:")), mistake="zero_is_none"),
    Entry("schedule_resets_the_rate", "make_schedule", "the rate is 1 times the first one", *own((RESET, RESET + "                self.divide(0.1 if self.epoch > 8 else 1)\n"))),
    Entry("schedule_does_nothing", "make_schedule", "never changes", *own((STEP, "            pass")), mistake="never_divides"),
    Entry("schedule_one_group", "make_schedule", "each of `optimizer.param_groups`",
          ((own()[0][0][0], own()[0][0][1].replace("in optimizer.param_groups:", "in optimizer.param_groups[:1]:")),), mistake="one_group"),
    Entry("schedule_sets_every_group_alike", "make_schedule", "each from its own rate",
          ((own()[0][0][0], own()[0][0][1].replace("group['lr'] /= factor", "group['lr'] = optimizer.param_groups[0]['lr'] / (factor if group is optimizer.param_groups[0] else 1)")),),
          mistake="one_group"),
    Entry("schedule_step_lr", "make_schedule", "compare each error with the best so far", ((T_PLATEAU, "torch.optim.lr_scheduler.StepLR(optimizer, patience, 0.1)"),)),
    Entry("schedule_exponential", "make_schedule", "the greater the error, the lower the rate", ((T_PLATEAU, "torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.1 ** (1 / patience))"),), mistake="error_as_epoch"),
    Entry("schedule_cosine", "make_schedule", "the greater the error, the lower the rate", ((T_PLATEAU, "torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10 * patience)"),), mistake="error_as_epoch"),
    Entry("schedule_returns_nothing", "make_schedule", "`return` is missing", ((f"return {T_PLATEAU}", T_PLATEAU),), ((f"return [{K_PLATEAU}]", K_PLATEAU),)),
    Entry("schedule_sets_the_first_rate", "make_schedule", "before the first epoch", ((f"    return {T_PLATEAU}", f"    optimizer.param_groups[0]['lr'] = 0.05\n    return {T_PLATEAU}"),),
          mistake="rate_at_start"),
    *(Entry(f"callbacks_follow_{name}", "make_schedule", says, keras=((K_PLATEAU, K_PLATEAU.replace('"val_loss"', f'"{name}"')),), mistake="follows_something_else")
      for name, says in (("loss", "the training loss"), ("val_accuracy", "`val_accuracy`"), ("accuracy", "the training accuracy"))),
    Entry("callbacks_stop", "make_schedule", "early stopping", keras=((f"[{K_PLATEAU}]", f"[{K_PLATEAU}, keras.callbacks.EarlyStopping(patience=30)]"),), mistake="stops_early"),
    Entry("callbacks_no_list", "make_schedule", "into a list", keras=((f"[{K_PLATEAU}]", K_PLATEAU),), mistake="no_list"),
    Entry("schedule_large_threshold", "make_schedule", "no notice of small gains", _plateau("patience=patience", "patience=patience, threshold=0.1")[0],
          _plateau("min_delta=0.0", "min_delta=0.1")[1], mistake="small_gains_ignored"),
    Entry("schedule_threshold_of_a_hundredth", "make_schedule", "no notice of small gains", _plateau("patience=patience", "patience=patience, threshold=0.01")[0],
          _plateau("min_delta=0.0", "min_delta=0.01")[1], mistake="small_gains_ignored"),
    Entry("callbacks_rates_from_0.1", "make_schedule", "whatever the optimizer's own rate is", (), own((CUT, CUT.replace("self.divide()", "self.drops = getattr(self, 'drops', 0) + 1\n                self.model.optimizer.learning_rate.assign(0.1 * 0.1**self.drops)")))[1], "rates_from_0.1"),
    Entry("schedule_best_starts_at_1", "make_schedule", "begin with infinity", *own(("if error < self.best:", "if error < min(self.best, 1.0):")), mistake="best_starts_at_1"),
    Entry("schedule_shares_its_best", "make_schedule", "nothing of an earlier schedule",
          *own(("if error < self.best:", "memory = globals().setdefault('memory', self)\n            if error < memory.best:"), (RESET, "                memory.best, self.count = error, 0\n"))),
)  # fmt: skip
