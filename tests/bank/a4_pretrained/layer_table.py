"""Mutants of `layer_table`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_CONV = "module.weight.numel() * output.shape[2] * output.shape[3]"
T_DENSE = "elif isinstance(module, nn.Linear):\n                multiply_adds = module.weight.numel()"
T_COUNT = "sum(parameter.numel() for parameter in module.parameters())"
T_ROW = "rows.append((name, tuple(output.shape[1:]), parameters, multiply_adds))"
T_CHOICE = "if not list(module.children()) and list(module.parameters()):"
T_EVAL, T_BACK, T_RETURN = "    model.eval()\n", "    model.train(was)\n", "    return rows\n"
T_REMOVE = "    for handle in handles:\n        handle.remove()\n"
K_CONV = "int(np.prod(layer.kernel.shape)) * shape[0] * shape[1]"
K_KINDS = "keras.layers.Conv2D | keras.layers.DepthwiseConv2D"
K_DENSE = "elif isinstance(layer, keras.layers.Dense):\n            multiply_adds = int(np.prod(layer.kernel.shape))"
K_ROW = "rows.append((layer.name, shape, layer.count_params(), multiply_adds))"
K_CHOICE = "[layer for layer in model.layers if layer.count_params() > 0]"
K_SHAPE = "shape = tuple(output.shape)[1:]"
_AXES = {
    "torch": "(*output.shape[2:], output.shape[1]) if output.ndim == 4 else tuple(output.shape[1:])",
    "keras": "(shape[-1], *shape[:-1])",
}


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"layer_table_{name}", "layer_table", says, torch, keras, mistake)


def _row(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Edits of a row."""
    return ((T_ROW, f"rows.append({torch})"),), ((K_ROW, f"rows.append({keras})"),)


def _work(torch: str, keras: str, dense: str = "") -> tuple[Edits, Edits]:
    """Edits of the multiply-adds of convolutions, and of those of dense layers."""
    more = ((T_DENSE, T_DENSE + dense.format("module")),) if dense else ()
    other = ((K_DENSE, K_DENSE + dense.format("layer")),) if dense else ()
    return ((T_CONV, torch), *more), ((K_CONV, keras), *other)


MUTANTS = (
    _mutant("multiplier_forgotten", "for each number of the output", (), ((K_CONV, f"{K_CONV} // getattr(layer, 'depth_multiplier', 1)"),)),
    _mutant("flops", "don't count two", *_work(f"2 * {T_CONV}", f"2 * {K_CONV}", " * 2"), mistake="flops"),
    _mutant("groups_ignored", "each output channel sees", *_work(f"{T_CONV} * module.groups", f"{K_CONV} * (layer.groups if isinstance(layer, keras.layers.Conv2D) else layer.kernel.shape[2])"), mistake="groups_ignored"),
    _mutant("input_sizes", "the places of the *output*", *_work("module.weight.numel() * inputs[0].shape[2] * inputs[0].shape[3]", "int(np.prod(layer.kernel.shape)) * keras.Model(model.input, layer.input)(np.zeros((1, *input_shape)))[0, :, :, 0].shape.num_elements()"), mistake="input_size"),
    _mutant("size_ignored", "every place of the output", *_work("module.weight.numel()", "int(np.prod(layer.kernel.shape))"), mistake="size_ignored"),
    _mutant("square_kernels", "need not be square", *_work("module.weight.shape[0] * module.weight.shape[1] * module.kernel_size[0] ** 2 * output.shape[2] * output.shape[3]", "int(np.prod(layer.kernel.shape[2:])) * layer.kernel_size[0] ** 2 * shape[0] * shape[1]"), mistake="square_kernels"),
    _mutant("square_maps", "maps need not be square", *_work("module.weight.numel() * output.shape[2] ** 2", "int(np.prod(layer.kernel.shape)) * shape[0] ** 2"), mistake="square_maps"),
    _mutant("places_alone", "for each number of the output", *_work("output.shape[2] * output.shape[3]", "shape[0] * shape[1]")),
    _mutant("dense_left_out", "dense layers multiply too", ((T_DENSE, "elif False:\n                pass"),), ((K_DENSE, "elif False:\n            pass"),), "convolutions_alone"),
    _mutant("convolutions_left_out", "convolutions count too", *_work("0", "0"), mistake="dense_alone"),
    _mutant("groups_of_depthwise_alone", "other groups than those of a depthwise", ((T_CONV, f"{T_CONV} * (1 if module.groups == module.in_channels else module.groups)"),), ((K_CONV, f"{K_CONV} * (layer.groups if isinstance(layer, keras.layers.Conv2D) else 1)"),), "groups_of_depthwise_alone"),
    _mutant("norms_counted_twice", "BatchNorm and other layers count 0", ((T_DENSE, f"{T_DENSE}\n            elif isinstance(module, nn.BatchNorm2d):\n                multiply_adds = 2 * output[0].numel()"),), ((K_DENSE, f"{K_DENSE}\n        elif isinstance(layer, keras.layers.BatchNormalization):\n            multiply_adds = 2 * int(np.prod(shape))"),), "norms_counted_twice"),
    _mutant("depthwise_left_out", "too", ((T_CONV, f"{T_CONV} if module.groups == 1 or module.groups == 2 else 0"),), ((K_KINDS, "keras.layers.Conv2D"),), "depthwise_left_out"),
    _mutant("norms_counted", "count 0", ((T_DENSE, f"{T_DENSE}\n            elif isinstance(module, nn.BatchNorm2d):\n                multiply_adds = output[0].numel()"),), ((K_DENSE, f"{K_DENSE}\n        elif isinstance(layer, keras.layers.BatchNormalization):\n            multiply_adds = int(np.prod(shape))"),), "norms_counted"),
    _mutant("all_counted", "count 0", ((T_DENSE, f"{T_DENSE}\n            else:\n                multiply_adds = output[0].numel()"),), ((K_DENSE, f"{K_DENSE}\n        else:\n            multiply_adds = int(np.prod(shape))"),), "all_layers_counted"),
    _mutant("biases_counted", "leave the biases out", *_work(f"{T_CONV} + (0 if module.bias is None else output.numel())", f"{K_CONV} + (int(np.prod(shape)) if layer.use_bias else 0)", " + (0 if {0}.bias is None else {0}.bias.shape[0])"), mistake="biases_counted"),
    _mutant("buffers_counted", "are buffers", ((T_COUNT, "sum(tensor.numel() for tensor in module.state_dict().values())"),), (), "buffers_counted"),
    _mutant("statistics_counted", "are buffers", ((T_COUNT, f"{T_COUNT} + (2 * module.num_features if isinstance(module, nn.BatchNorm2d) else 0)"),), (), "statistics_counted"),
    _mutant("statistics_left_out", "moving statistics count", (), ((K_ROW, K_ROW.replace("layer.count_params()", "layer.count_params() // (1 + isinstance(layer, keras.layers.BatchNormalization))")),), "statistics_left_out"),
    _mutant("trainable_alone", "count", ((T_COUNT, "sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)"),), ((K_ROW, K_ROW.replace("layer.count_params()", "sum(int(np.prod(w.shape)) for w in layer.trainable_weights)")),), ""),
    _mutant("frozen_rows_left_out", "frozen layers count too", ((T_CHOICE, "if not list(module.children()) and any(p.requires_grad for p in module.parameters()):"),), ((K_CHOICE, "[layer for layer in model.layers if layer.trainable_weights]"),), "row_missing"),
    _mutant("biases_left_out", "biases are parameters", ((T_COUNT, "sum(p.numel() for n, p in module.named_parameters() if n != 'bias' or isinstance(module, nn.BatchNorm2d))"),), ((K_ROW, K_ROW.replace("layer.count_params()", "sum(int(np.prod(w.shape)) for w in layer.weights if w.name != 'bias')")),), "biases_left_out"),
    _mutant("tensors_counted", "count the elements", ((T_COUNT, "len(list(module.parameters()))"),), ((K_ROW, K_ROW.replace("layer.count_params()", "len(layer.weights)")),), "number_of_tensors"),
    _mutant("batch_in_shape", "leave the batch out", ((T_ROW, T_ROW.replace("output.shape[1:]", "output.shape")),), ((K_ROW, K_ROW.replace("shape,", "(1, *shape),", 1)),), "batch_in_shape"),
    _mutant("open_batch_in_shape", "leave the batch out", (), ((K_ROW, K_ROW.replace("shape,", "(None, *shape),", 1)),), "open_batch_in_shape"),
    _mutant("symbolic_shapes", "images of any size", (), ((K_ROW, K_ROW.replace("shape,", "tuple(layer.output.shape[1:]),", 1)),), "open_sizes"),
    _mutant("input_shapes", "not of its input", ((T_ROW, T_ROW.replace("output.shape", "inputs[0].shape")),), (), "input_shapes"),
    _mutant("other_layout", "own layout", ((T_ROW, T_ROW.replace("tuple(output.shape[1:])", _AXES["torch"])),), ((K_ROW, K_ROW.replace("shape,", f"{_AXES['keras']} if len(shape) == 3 else shape,", 1)),), "other_layout"),
    _mutant("channels_alone", "all axes", ((T_ROW, T_ROW.replace("output.shape[1:]", "output.shape[1:2]")),), ((K_ROW, K_ROW.replace("shape,", "shape[-1:],", 1)),), "channels_alone"),
    _mutant("shape_as_text", "tuple of whole numbers", *_row("(name, str(tuple(output.shape[1:])), parameters, multiply_adds)", "(layer.name, str(shape), layer.count_params(), multiply_adds)"), mistake="no_shape"),
    _mutant("class_names", "name in the model", *_row("(type(module).__name__, tuple(output.shape[1:]), parameters, multiply_adds)", "(type(layer).__name__, shape, layer.count_params(), multiply_adds)"), mistake="other_names"),
    _mutant("last_part_of_names", "with all its dots", ((T_ROW, T_ROW.replace("(name,", "(name.split('.')[-1],")),), (), "other_names"),
    _mutant("dicts", "a row is a tuple of four", *_row("{'name': name, 'parameters': parameters}", "{'name': layer.name, 'parameters': layer.count_params()}"), mistake="no_row"),
    _mutant("three_columns", "a row is a tuple of four", *_row("(name, tuple(output.shape[1:]), parameters)", "(layer.name, shape, layer.count_params())"), mistake="no_row"),
    _mutant("formatted_numbers", "whole numbers", *_row("(name, tuple(output.shape[1:]), f'{parameters:,}', f'{multiply_adds:,}')", "(layer.name, shape, f'{layer.count_params():,}', f'{multiply_adds:,}')"), mistake="no_number"),
    _mutant("millions", "whole numbers", *_row("(name, tuple(output.shape[1:]), parameters / 1e6, multiply_adds / 1e6)", "(layer.name, shape, layer.count_params() / 1e6, multiply_adds / 1e6)"), mistake="no_number"),
    _mutant("printed", "a list of tuples", ((T_RETURN, "    print(rows)\n"),), ((T_RETURN, "    print(rows)\n"),), "no_list"),
    _mutant("last_row", "a row is a tuple of four", ((T_RETURN, "    return rows[-1]\n"),), ((T_RETURN, "    return rows[-1]\n"),), "no_row"),
    _mutant("rows_without_parameters", "without parameters", ((T_CHOICE, "if not list(module.children()):"),), ((K_CHOICE, "model.layers"),), "rows_without_parameters"),
    _mutant("containers", "children", ((T_CHOICE, "if list(module.parameters()):"),), (), "containers"),
    _mutant("top_level_alone", "name", (("model.named_modules()", "model.named_children()"), (T_CHOICE, "if list(module.parameters()):")), (), "other_names"),
    _mutant("convolutions_and_dense_alone", "no row for", ((T_CHOICE, "if isinstance(module, nn.Conv2d | nn.Linear):"),), ((K_CHOICE, f"[layer for layer in model.layers if isinstance(layer, {K_KINDS} | keras.layers.Dense)]"),), "row_missing"),
    _mutant("order_of_registration", "order of execution", ((T_RETURN, "    order = [name for name, _ in model.named_modules()]\n    return sorted(rows, key=lambda row: order.index(row[0]))\n"),), (), "order_of_registration"),
    _mutant("sorted_by_name", "order", ((T_RETURN, "    return sorted(rows)\n"),), ((T_RETURN, "    return sorted(rows)\n"),), ""),
    _mutant("from_the_end", "for a net for images of", ((T_RETURN, "    return rows[::-1]\n"),), ((T_RETURN, "    return rows[::-1]\n"),), ""),
    _mutant("twice", "more than once", ((T_RETURN, "    return rows + rows[:1]\n"),), ((T_RETURN, "    return rows + rows[:1]\n"),), "row_twice"),
    _mutant("hooks_left", "remove()", ((T_REMOVE, ""),), (), "hook_left"),
    _mutant("without_eval", "training mode", ((T_EVAL, ""),), (("training=False", "training=True"),), "training_mode"),
    _mutant("mode_left", "model.train(was)", ((T_BACK, ""),), (), "mode_not_restored"),
    _mutant("trainable_changed", "`trainable` as it was", (), (("    rows = []", "    model.trainable = True\n    for part in model.layers:\n        part.trainable = True\n    rows = []"),), "trainable_changed"),
    _mutant("gradients_off_for_good", "gradients switched", (("    with torch.no_grad():\n", "    torch.set_grad_enabled(False)\n    if True:\n"),), (), "gradient_mode_not_restored"),
    _mutant("weights_on_no_device", "moves the model itself", ((T_EVAL, T_EVAL + "    model.to('meta')\n"), ("torch.zeros(1, *input_shape)", "torch.zeros(1, *input_shape, device='meta')")), (), "device_changed"),
    _mutant("without_the_first_layer", "no row for", (), ((K_CHOICE, "[layer for layer in model.layers[1:] if layer.count_params() > 0]"), ("keras.Model(model.input,", "keras.Model(model.inputs,")), "row_missing"),
)  # fmt: skip
