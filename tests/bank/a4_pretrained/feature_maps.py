"""Mutants of `feature_maps`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_KEPT, T_RETURN = "kept.append(output.clone())", "return kept[0].permute(0, 2, 3, 1).numpy()"
T_EVAL, T_BACK, T_REMOVE = "    model.eval()\n", "    model.train(was)\n", "    handle.remove()\n"
T_LOOK = "    if layer not in modules:\n"
K_OUTPUT, K_RETURN = (
    "model.get_layer(layer).output",
    "return keras.ops.convert_to_numpy(inside(images, training=False))",
)
K_LOOK = "    if layer not in names:\n"
T_RAISE = "raise ValueError(f\"no layer {layer!r}; there are {', '.join(name for name in modules if name)}\")"
K_RAISE = "raise ValueError(f\"no layer {layer!r}; there are {', '.join(names)}\")"

T_HOOK = "modules[layer].register_forward_hook(lambda module, inputs, output: kept.append(output.clone()))"
T_ALL_THAT_END_SO = (
    (
        f"handle = {T_HOOK}",
        f"handles = [{T_HOOK} for name in modules if name.endswith(layer)]".replace("[layer]", "[name]"),
    ),
    (T_REMOVE, "    for handle in handles:\n        handle.remove()\n"),
)


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"feature_maps_{name}", "feature_maps", says, torch, keras, mistake)


def _result(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Edits of what is returned, where `maps` is an array n h w c."""
    return ((T_RETURN, f"maps = kept[0].permute(0, 2, 3, 1).numpy()\n    return {torch}"),), (
        (K_RETURN, f"maps = np.array(inside(images, training=False))\n    return {keras}"),
    )


def _both(text: str) -> tuple[Edits, Edits]:
    return _result(text, text)


MUTANTS = (
    _mutant("part_of_a_name", "no exception", (("    if layer not in modules:\n", "    layer = next((name for name in modules if layer in name and layer), layer) if layer not in modules else layer\n    if layer not in modules:\n"),),
            ((K_LOOK, f"    layer = layer if layer in names else next((name for name in names if layer in name), layer)\n{K_LOOK}"),), "unknown_layer_accepted"),
    _mutant("first_sixteen_channels", "cut nothing off", *_both("maps[..., :16]"), mistake="other_channels"),
    _mutant("kept_by_name", "keep nothing from another model", (), (("def feature_maps(", "KEPT = {}\n\n\ndef feature_maps("), ("inside = keras.Model(model.input, model.get_layer(layer).output)", "inside = KEPT.setdefault(layer, keras.Model(model.input, model.get_layer(layer).output))")), "other_channels"),
    _mutant("first_eight_images", "(n, h, w, c)", *_both("maps[:8]")),
    _mutant("before_the_activation", "what the layer", (), (("    inside = keras", "    known = model.get_layer(layer)\n    kept = getattr(known, 'activation', None)\n    if kept is not None and not isinstance(known, keras.layers.ReLU):\n        known.activation = keras.activations.linear\n        maps = np.array(known(keras.Model(model.input, known.input)(images, training=False)))\n        known.activation = kept\n        return maps\n    inside = keras"),)),
    _mutant("not_copied", "copy the output", ((T_KEPT, "kept.append(output)"),), (), "no_copy"),
    _mutant("detached_alone", "copy the output", ((T_KEPT, "kept.append(output.detach())"),), (), "no_copy"),
    _mutant("copied_too_late", "copy the output", ((T_KEPT, "kept.append(output)"), ("kept[0].", "kept[0].clone().")), (), "no_copy"),
    _mutant("input_kept", "what it is given", ((T_KEPT, "kept.append(inputs[0].clone())"),), ((K_OUTPUT, "model.get_layer(layer).input"), ("    inside =", "    if isinstance(model.get_layer(layer).input, list):\n        layer = names[names.index(layer) - 1]\n    inside =")), "layer_input"),
    _mutant("name_by_its_end", "look the layer up by its name", (("modules[layer].register", "next(m for n, m in reversed(modules.items()) if n.endswith(layer.split('.')[-1])).register"),),
            ((K_OUTPUT, "next(one for one in model.layers if one.name.endswith(layer.split('_')[-1])).output"),), "other_layer"),
    _mutant("first_of_names_that_end_so", "look the layer up by its name", T_ALL_THAT_END_SO, ((K_OUTPUT, "next(one for one in model.layers if one.name.endswith(layer)).output"),), "other_layer"),
    _mutant("last_of_names_that_end_so", "look the layer up by its name", (*T_ALL_THAT_END_SO, ("kept[0].", "kept[-1].")), ((K_OUTPUT, "[one for one in model.layers if one.name.endswith(layer)][-1].output"),), "other_layer"),
    _mutant("last_registered_that_ends_so", "look the layer up by its name", (("modules[layer].register", "[m for n, m in modules.items() if n.endswith(layer)][-1].register"),), (), "other_layer"),
    _mutant("first_registered_that_ends_so", "look the layer up by its name", (("modules[layer].register", "next(m for n, m in modules.items() if n.endswith(layer)).register"),), (), "other_layer"),
    _mutant("without_eval", "training mode", ((T_EVAL, ""),), (("training=False", "training=True"),), "training_mode"),
    _mutant("channels_first", "move the channels to the end", ((T_RETURN, "return kept[0].numpy()"),), ((K_RETURN, "return np.moveaxis(np.array(inside(images, training=False)), -1, 1)"),), "channels_first"),
    _mutant("reshaped", "tear maps apart", (("kept[0].permute(0, 2, 3, 1)", "kept[0].reshape(len(images), *kept[0].shape[2:], -1)"),), (), "reshaped"),
    _mutant("width_before_height", "put the axes", *_both("maps.swapaxes(1, 2)"), mistake="axes_mixed"),
    _mutant("transposed_by_t", "put the axes", *_both("maps.transpose(1, 2, 3, 0)"), mistake="axes_mixed"),
    _mutant("first_image", "all images", *_both("maps[0]"), mistake="first_image_alone"),
    _mutant("first_image_in_a_batch", "all images", *_both("maps[:1]"), mistake="first_image_alone"),
    _mutant("squeezed", "squeeze()", *_both("maps.squeeze()"), mistake="axes_lost"),
    _mutant("tensor_returned", "a NumPy array", ((T_RETURN, "return kept[0].permute(0, 2, 3, 1)"),), ((K_RETURN, "return inside(images, training=False)"),), "no_array"),
    _mutant("list_returned", "a NumPy array", *_both("list(maps)"), mistake="no_array"),
    _mutant("averaged", "keep all four axes", *_both("maps.mean(axis=(1, 2))"), mistake="axes_lost"),
    _mutant("scaled_for_drawing", "scale them where you draw", *_both("(maps - maps.min()) / (maps.max() - maps.min())"), mistake="scaled"),
    _mutant("nothing_returned", "a `NoneType`", *_both("None"), mistake="no_array"),
    _mutant("first_module", "maps of", (("modules[layer].register", "modules[next(name for name in modules if layer[:5] in name)].register"),), ((K_OUTPUT, "model.get_layer(next(n for n in names if layer[:5] in n)).output"),), ""),
    _mutant("output_of_the_net", "look the layer up", ((T_RETURN, "return model.eval()(images).detach().numpy()"),), ((K_OUTPUT, "model.output"),), "other_layer"),
    _mutant("leaves_alone_known", "to run without an error", (("dict(model.named_modules())", "{name: m for name, m in model.named_modules() if not list(m.children())}"),), (), ""),
    _mutant("children_alone_known", "to run without an error", (("dict(model.named_modules())", "dict(model.named_children())"),), (), ""),
    _mutant("hook_left", "remove()", ((T_REMOVE, ""),), (), "hook_left"),
    _mutant("hooks_everywhere_left", "remove()", ((T_REMOVE, f"{T_REMOVE}    nn.modules.module.register_module_forward_hook(lambda module, inputs, output: None)\n"),), (), "hook_left"),
    _mutant("hook_left_at_an_unknown_layer", "a hook is still on", ((T_LOOK, f"    model.register_forward_hook(lambda *things: None)\n{T_LOOK}"), (T_REMOVE, f"{T_REMOVE}    model._forward_hooks.clear()\n")), (), "hook_left"),
    _mutant("mode_left", "model.train(was)", ((T_BACK, ""),), (), "mode_not_restored"),
    _mutant("mode_left_at_an_unknown_layer", "unknown layer", ((T_LOOK, f"    was = model.training\n    model.eval()\n{T_LOOK}"), ("    was = model.training\n    model.eval()\n    with", "    with")), (), "mode_not_restored"),
    _mutant("forward_replaced", "has another `", ((T_REMOVE, f"{T_REMOVE}    modules[layer].forward = lambda x: kept[0]\n"),), (("    inside", "    known = model.get_layer(layer)\n    if 'relu' not in str(getattr(known, 'activation', '')):\n        known.activation = None\n    inside"),), "model_changed"),
    _mutant("gradients_off_for_good", "gradients switched", (("    with torch.no_grad():\n", "    torch.set_grad_enabled(False)\n    if True:\n"),), (), "gradient_mode_not_restored"),
    _mutant("unfrozen", "as it was | that of", ((T_REMOVE, f"{T_REMOVE}    model.requires_grad_(True)\n"),), (("    inside", "    model.trainable = False\n    model.trainable = True\n    inside"),), ""),
    _mutant("key_error", "KeyError", ((T_RAISE, "raise KeyError(layer)"),), ((K_RAISE, "raise KeyError(layer)"),), "other_exception"),
    _mutant("attribute_error", "AttributeError", ((T_LOOK, "    if False:\n"), ("modules[layer]", "model.get_submodule(layer)")), ((K_RAISE, "raise AttributeError(', '.join(names))"),), "other_exception"),
    _mutant("no_names", "write names of layers", ((T_RAISE, "raise ValueError(f'unknown layer {layer}')"),), ((K_RAISE, "raise ValueError(f'unknown layer {layer}')"),), "no_names"),
    _mutant("one_name", "names one", ((T_RAISE, "raise ValueError(f'no {layer}, but {list(modules)[1]}')"),), ((K_RAISE, "raise ValueError(f'no {layer}, but {names[1]}')"),), "no_names"),
    _mutant("printed_names", "write names of layers", ((T_RAISE, "raise ValueError(print(list(modules)))"),), ((K_RAISE, "raise ValueError(print(names))"),), "no_names"),
    _mutant("error_returned", "no exception", ((T_RAISE, "return ValueError(', '.join(modules))"),), ((K_RAISE, "return ValueError(', '.join(names))"),), "unknown_layer_accepted"),
    _mutant("unknown_ignored", "no exception", ((T_LOOK, "    if layer not in modules:\n        return None\n" + T_LOOK),), ((K_LOOK, "    if layer not in names:\n        return None\n" + K_LOOK),), "unknown_layer_accepted"),
)  # fmt: skip
