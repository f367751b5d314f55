"""Template Builder: each class with every attribute set, and the two kinds of interface, stored and read back equal."""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any, Union, get_args, get_origin

import toloka.client.project.template_builder as tb
from toloka.client.primitives.base import BaseTolokaObject
from toloka.client.project import ClassicViewSpec, JsonSpec, TaskSpec, TemplateBuilderViewSpec
from toloka.client.project.template_builder.base import BaseComponent, BaseTemplate, RefComponent
from toloka.client.project.view_spec import ViewSpec

from . import made, surface
from .journal import World, named_scenario, same, scenario

BY_NAME: dict[str, Callable[[], Any]] = {
    "data": lambda: tb.data.OutputData("label"),
    "path": lambda: "label",
    "on_change_of": lambda: tb.data.OutputData("label"),
    "validation": lambda: tb.conditions.RequiredConditionV1(hint="Choose one"),
    "condition": lambda: tb.conditions.EmptyConditionV1(data=tb.data.OutputData("label")),
    "conditions": lambda: [tb.conditions.RequiredConditionV1(data=tb.data.OutputData("label"))],
    "action": lambda: tb.actions.SetActionV1(data=tb.data.OutputData("label"), payload="dog"),
    "url": lambda: tb.data.InputData("image"),
}
"""What stands for a component where its name says which kind belongs there."""


def filled(kind: Any) -> Any:
    """An object of the class with every attribute set."""
    values = {
        field.name: _value(field.type, field.name)
        for field in kind.__attrs_attrs__
        if field.init and field.name not in {"_unexpected", "version"}
    }
    return kind(**values)


def _value(kind: Any, name: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Union:
        return _value(next(part for part in arguments if part is not type(None)), name)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1]
    if name in BY_NAME and (kind is BaseComponent or hasattr(kind, "type_")):
        return BY_NAME[name]()
    if hasattr(kind, "type_"):  # this or a component
        return _value(kind.type_, name)
    if kind is BaseComponent:
        return tb.view.TextViewV1(content="☕ čaj")
    if origin is list:
        return [_value(arguments[0], name), _value(arguments[0], name)]
    if origin is dict:
        return {"type": "string"} if not arguments else {_value(arguments[0], name): _value(arguments[1], name)}
    if kind is RefComponent:
        return RefComponent(ref="vars.part")
    if isinstance(kind, type) and issubclass(kind, (BaseTemplate, BaseTolokaObject)):
        return filled(kind)
    return {bool: True, int: 3, float: 1.5}.get(kind, f"text of {name}")


def stored(world: World, view: ViewSpec) -> ViewSpec:
    """A task interface as it comes back from a new project."""
    fields = {"item": JsonSpec(required=False)}
    spec = TaskSpec(input_spec=fields, output_spec=fields, view_spec=view)
    return world.plain.get_project(world.plain.create_project(made.project(task_spec=spec)).id).task_spec.view_spec


def _holding(part: Any) -> TemplateBuilderViewSpec:
    """An interface in which the part stands where one like it may."""
    if isinstance(part, tb.fields.GroupFieldOption):
        part = tb.fields.RadioGroupFieldV1(data=tb.data.OutputData("label"), options=[part])
    elif isinstance(part, tb.layouts.CompareLayoutItem):
        part = tb.layouts.CompareLayoutV1(items=[part], common_controls=tb.view.DividerViewV1())
    view, plugins = tb.view.ListViewV1(items=[tb.view.TextViewV1(content="x")]), []
    if isinstance(part, tb.plugins.BasePluginV1):
        plugins = [part]
    elif isinstance(
        part, (tb.view.BaseViewV1, tb.fields.BaseFieldV1, tb.layouts.BaseLayoutV1, tb.helpers.BaseHelperV1)
    ):
        view.items = [part]
    elif isinstance(part, tb.actions.BaseActionV1):
        plugins = [tb.plugins.HotkeysPluginV1(key_a=part)]
    elif isinstance(part, tb.conditions.BaseConditionV1):
        view.items = [tb.fields.TextFieldV1(data=tb.data.OutputData("label"), validation=part)]
    else:
        view.items = [tb.view.TextViewV1(content=part)]
    return TemplateBuilderViewSpec(view=view, plugins=plugins, vars={"part": tb.view.TextViewV1(content="y")})


def _round_trip(name: str, kind: Any, world: World) -> None:
    part = filled(kind)
    unset = [field for field in kind.__attrs_attrs__ if field.init and getattr(part, field.name) is None]
    assert not unset, unset
    sent = _holding(part)
    read = stored(world, sent)
    same(read, sent)
    same(read.unstructure(), sent.unstructure())
    world.journal.note(name)


SAID = "Stored with every attribute set, and read back equal"


def _each_class() -> None:
    """A scenario for each class of the Template Builder."""
    for module in surface.COMPONENTS:
        for kind in surface.concrete(f"client.project.template_builder.{module}"):
            name = f"template_builder.{module}.{kind.__name__}"
            named_scenario(kind.__name__, SAID, functools.partial(_round_trip, name, kind))


_each_class()


@scenario
def references(world: World) -> None:
    """Parts of an interface are referred to by name, and its fields are told from it"""
    text = tb.view.TextViewV1(content=tb.data.InputData("text", default="nothing"))
    question = tb.fields.TextFieldV1(data=tb.data.OutputData("label"))
    sent = TemplateBuilderViewSpec(
        view=tb.view.ListViewV1(items=[RefComponent(ref="vars.text"), question]), plugins=[], vars={"text": text}
    )
    sent.infer_data_spec, sent.settings = True, ViewSpec.Settings(show_skip=False, show_timer=True)
    read = stored(world, sent)
    same(read, sent)
    same(read.config.view.items[0].ref, "vars.text")
    fields = tb.get_input_and_output(read.config)
    same(fields, ({"text": JsonSpec()}, {"label": JsonSpec()}))
    for name in ("template_builder.base.RefComponent", "template_builder.get_input_and_output"):
        world.journal.note(name)
    world.journal.note("view_spec.TemplateBuilderViewSpec")


@scenario
def classic_interfaces(world: World) -> None:
    """An interface of HTML, CSS and JavaScript is stored and read back equal"""
    sent = ClassicViewSpec(
        markup="<b>{{text}}</b>\n",
        script="exports.Task = 1;",
        styles=".task { color: red }",
        assets=ClassicViewSpec.Assets(
            script_urls=["$TOLOKA_ASSETS/js/toloka-handlebars-templates.js"], style_urls=["https://example.org/a.css"]
        ),
        settings=filled(ViewSpec.Settings),
    )
    same(stored(world, sent), sent)
    world.journal.note("view_spec.ClassicViewSpec")
