"""Mutants of `a3_training` for names that its judges give and that no other mutant gets."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a3_training.fit import T_IF, T_KEEP, T_LOAD, T_VALID
from tests.bank.a3_training.recipe import _draw
from tests.bank.a3_training.schedule import own

T_SGD = "torch.optim.SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)"
T_FROZEN = f"""
    sgd = {T_SGD}
    frozen, step = [p for p in model.parameters() if not p.requires_grad], sgd.step

    def both(*arguments):
        for p in frozen:
            p.data.mul_(0.99)
        return step(*arguments)

    sgd.step = both
    return sgd"""

MUTANTS = (
    Entry("init_bound_as_deviation", "init_weights", "bounds a uniform distribution", *_draw("w.normal_(0, (6 / fan) ** 0.5)", 'VarianceScaling(6.0, "fan_in", "untruncated_normal", seed=seed)'), mistake="bound_as_deviation"),
    Entry("init_variance_as_deviation_out", "init_weights", "2 / fan-out", *_draw("w.normal_(0, 2 / w[:, 0].numel())", "(2.0 / np.prod((*shape[:2], shape[3])) * np.random.RandomState(seed).randn(*shape)).astype('float32')"), mistake="variance_as_deviation"),
    Entry("init_truncated_uncorrected_out", "init_weights", "12 % less than sqrt(2 / fan-out)", *_draw("w.copy_(nn.init.trunc_normal_(w, a=-2.0, b=2.0) * (2 / w[:, 0].numel()) ** 0.5)"), mistake="truncated_uncorrected"),
    Entry("optimizer_grows", "make_optimizer", "sign of the decay", ((T_SGD, f"opt = {T_SGD}\n    opt.param_groups[0]['weight_decay'] = -1e-5\n    return opt"), ("return opt =", "opt =")), mistake="growing_weights"),
    Entry("optimizer_moves_frozen", "make_optimizer", "leave frozen parameters alone", ((f"    return {T_SGD}", T_FROZEN[1:]),), mistake="moves_frozen"),
    *(
        Entry(f"optimizer_decay_{decay}", "make_optimizer", f"about {shown}", (("1e-5", decay),), (("1e-5", decay),), "wrong_decay")
        for decay, shown in (("1e-6", "1e-06"), ("5e-4", "0.0005"), ("1e-3", "0.001"))
    ),
    Entry("schedule_waits_longer_at_odd_patience", "make_schedule", "the same number of epochs", *own(("if self.count >= patience:", "if self.count >= patience + patience % 2:")), mistake="wait_varies"),
    Entry("fit_keeps_the_mean_of_all", "fit", "weights of no epoch", ((f"        {T_IF}\n", "        seen = [*locals().get('seen', []), copy.deepcopy(model.state_dict())]\n"), (T_KEEP, ""), (T_LOAD, "    model.load_state_dict({k: sum(s[k] for s in seen) / len(seen) if v.is_floating_point() else v for k, v in seen[-1].items()})\n")), mistake="mixed_weights"),
    Entry("fit_keeps_the_second_epoch", "fit", "update the best accuracy together", ((T_IF, 'if len(history["loss"]) == 2:'),), mistake="other_epoch_kept"),
    Entry("fit_evaluates_training_images", "fit", "evaluated in their place", ((T_VALID, "val_loss, val_accuracy = evaluate(model, *train, batch_size)"),), mistake="validation_unused"),
    Entry("degradation_twice_the_loss_after_the_step", "degradation", "before the weights move", (("                losses.append(loss.item())", "                with torch.no_grad():\n                    losses.append(2 * F.cross_entropy(net.eval()(images[batch]), labels[batch]).item())\n                net.train()"),), mistake="wrong_loss"),
)  # fmt: skip
