"""FHIRPath over FHIR R4: syntax tree to typed values of the intermediate form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from vitruvian.views.definition import Path
from vitruvian.views.elements import Element, find_element, is_resource, is_type
from vitruvian.views.errors import InvalidPath, UnsupportedPath
from vitruvian.views.fhirpath import syntax
from vitruvian.views.plan import functions, operators
from vitruvian.views.plan.expressions import (
    At,
    Each,
    Expression,
    Flat,
    Get,
    If,
    Item,
    Keep,
    Nothing,
    Only,
    Parse,
    Present,
    Solid,
)
from vitruvian.views.plan.expressions import Compare as Comparison
from vitruvian.views.plan.expressions import Constant as Written
from vitruvian.views.plan.values import NOTHING, Shape, Value, listed, literal, numeric, store_of


@dataclass(frozen=True)
class Scope:
    """Where a path is read: the item in focus, the resource, the place in the iteration."""

    this: Value
    resource: Value
    position: Expression


@dataclass
class Reader:
    """Reads the paths of one view; remembers what they need of the JSON."""

    constants: dict[str, Value]
    records: dict[str, Shape] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    as_sent: bool = False
    pointer: str = ""
    _names: int = 0

    # ------------------------------------------------------------ small helps

    def fresh(self) -> str:
        """A name no other item of the view has."""
        self._names += 1
        return f"v{self._names}"

    def invalid(self, what: str, *, expected: str) -> InvalidPath:
        """Refusal of the path that is being read."""
        return InvalidPath(what, pointer=self.pointer, expected=expected)

    def unsupported(self, what: str, *, expected: str) -> UnsupportedPath:
        """The path is beyond this compiler."""
        return UnsupportedPath(what, pointer=self.pointer, expected=expected)

    def note_unknown(self, kind: str, name: str) -> Value:
        """An element R4 does not have: always empty, and the author is told."""
        self.notes.append(f"{self.pointer}: FHIR R4 has no {kind}.{name}; it is always empty.")
        return NOTHING

    def settled(self, value: Value) -> Value:
        """The value, unless it is a choice element whose type is not chosen yet."""
        if value.choice is not None:
            raise self.unsupported(
                f"{value.choice.name}[x] has several types",
                expected=f"{value.choice.name}.ofType(type)",
            )
        return value

    def single(self, value: Value) -> Value:
        """At most one value; more make the run fail."""
        if not self.settled(value).many:
            return value
        return replace(value, expression=Only(value.expression, self.pointer), many=False)

    def number(self, value: Value) -> Value:
        """Decimals as numbers."""
        return numeric(value, self.fresh())

    def each(self, value: Value, kind: str, body: functions.Body) -> Value:
        """A single value made of every item of a value, list or single."""
        if self.settled(value).empty:
            return NOTHING
        if not value.many:
            return Value(body(value.expression), kind)
        item = self.fresh()
        return Value(Each(value.expression, item, body(Item(item))), kind, many=True)

    # ---------------------------------------------------------------- reading

    def read(self, path: Path, scope: Scope) -> Value:
        """Value of a path of the view."""
        self.pointer = path.pointer
        return self.node(path.node, scope)

    def node(self, node: syntax.Node, scope: Scope) -> Value:
        """Value of a syntax tree."""
        match node:
            case syntax.Literal() if node.kind != "empty":
                found = literal(node.kind, node.text)
            case syntax.Literal():
                found = NOTHING
            case syntax.This():
                found = scope.this
            case syntax.Environment():
                found = self.environment(node.name, scope)
            case syntax.Member():
                found = self.member_or_type(node, scope)
            case syntax.Indexer():
                found = self.index(self.node(node.base, scope), self.node(node.position, scope))
            case syntax.Call():
                base = scope.this if node.base is None else self.node(node.base, scope)
                found = functions.call(self, node, base, scope)
            case _:
                found = operators.operation(self, node, scope)
        return found

    def environment(self, name: str, scope: Scope) -> Value:
        """`%resource`, `%rowIndex`, or a constant of the view."""
        if name in self.constants:
            return self.constants[name]
        if name == "rowIndex":
            return Value(scope.position, "integer")
        if name in {"resource", "rootResource", "context"}:
            return scope.resource
        known = {"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct"}
        known["loinc"] = "http://loinc.org"
        if name in known:
            return literal("uri", known[name])
        raise self.invalid(
            f"the constant %{name} is not defined", expected="a constant of the view"
        )

    def member_or_type(self, node: syntax.Member, scope: Scope) -> Value:
        """A member; at the start of a path the resource's own type name stands for itself."""
        if node.base is None:
            if node.name == scope.this.kind and is_resource(node.name):
                return scope.this
            return self.member(scope.this, node.name)
        return self.member(self.node(node.base, scope), node.name)

    # ------------------------------------------------------------- navigation

    def member(self, value: Value, name: str) -> Value:
        """`value.name`."""
        if value.empty:
            return NOTHING
        if self.settled(value).kind == "Resource":
            value = self.parsed(value, "Resource")
        if store_of(value.kind) != "raw" and name in {"extension", "id"}:
            return self.primitive_member(value, name)
        element = find_element(value.kind, name)
        if element is None or value.shape is None:
            return self.note_unknown(value.kind, name)
        if element.choice:
            return Value(value.expression, "", many=value.many, choice=element, base=value)
        return self.follow(value, element, element.types[0])

    def follow(self, value: Value, element: Element, kind: str) -> Value:
        """The value of an element, taken as one of its types."""
        name = element.json_name(kind)
        if value.shape is None:
            return NOTHING
        shape = value.shape.child(name, kind, many=element.many)
        found = self.step(value, name, many=element.many)
        if element.many and store_of(kind) != "raw":
            found = Solid(found)
        return Value(
            found,
            kind,
            many=value.many or element.many,
            shape=shape,
            sent=kind == "decimal",
            base=value,
            name=name,
        )

    def step(self, value: Value, name: str, *, many: bool) -> Expression:
        """A member of every item of a value."""
        if not value.many:
            return Get(value.expression, name)
        item = self.fresh()
        body = Get(Item(item), name)
        return Flat(value.expression, item, body) if many else Each(value.expression, item, body)

    def primitive_member(self, value: Value, name: str) -> Value:
        """`extension` or `id` of a primitive element, which JSON keeps under `_name`."""
        owner = value.base
        if owner is None or owner.shape is None or not value.name or value.many:
            raise self.unsupported(
                f"'{name}' of a primitive value that repeats or is computed",
                expected="a path straight to a primitive element that does not repeat",
            )
        beside = Element(f"_{value.name}", ("Element",), many=False)
        return self.member(self.follow(owner, beside, "Element"), name)

    def of_type(self, value: Value, kind: str) -> Value:
        """The value where it is of a type, else empty."""
        if not is_type(kind):
            raise self.invalid(f"FHIR R4 has no type {kind}", expected="the name of a FHIR R4 type")
        if value.choice is not None and value.base is not None:
            if kind not in value.choice.types:
                return self.note_unknown(value.base.kind, value.choice.json_name(kind))
            return self.follow(value.base, value.choice, kind)
        if value.kind == "Resource" and is_resource(kind):
            return self.parsed(value, kind)
        return value if value.kind == kind else NOTHING

    def parsed(self, value: Value, kind: str) -> Value:
        """A resource inside a resource (contained, bundle entry), taken as one type."""
        name, item = self.fresh(), self.fresh()
        shape = self.records[name] = Shape(kind)
        parse = self.each(value, kind, lambda raw: Parse(raw, name))
        if kind != "Resource":
            shape.child("resourceType", "code", many=False)
            one = Item(item) if value.many else parse.expression
            condition = Comparison("=", "text", Get(one, "resourceType"), Written("text", kind))
            parse = replace(parse, expression=_kept(parse, item, condition))
        return replace(parse, shape=shape)

    def index(self, value: Value, position: Value) -> Value:
        """`value[position]`."""
        if self.settled(value).empty or position.empty:
            return NOTHING
        if store_of(position.kind) != "integer":
            raise self.invalid("the position is not an integer", expected="value[integer]")
        at = At(listed(value).expression, self.single(position).expression)
        return replace(value, expression=at, many=False)

    def where(self, value: Value, condition: syntax.Node, scope: Scope) -> Value:
        """Items of a value for which a condition holds."""
        return self.filtered(value, scope, lambda inner: self.condition(condition, inner))

    def filtered(
        self,
        value: Value,
        scope: Scope,
        test: Callable[[Scope], Expression],
    ) -> Value:
        """Items of a value for which a test, read with the item in focus, holds."""
        if self.settled(value).empty:
            return NOTHING
        item = self.fresh()
        this = replace(value, expression=Item(item), many=False) if value.many else value
        return replace(value, expression=_kept(value, item, test(replace(scope, this=this))))

    def condition(self, node: syntax.Node, scope: Scope) -> Expression:
        """A truth value; FHIRPath takes any other single item for true."""
        return self.truth_of(self.node(node, scope))

    def truth_of(self, value: Value) -> Expression:
        """The truth value of a single item."""
        value = self.single(value)
        if value.kind in {"boolean", ""}:
            return value.expression
        return If(Present(value.expression), Written("boolean", "true"), Nothing())


def _kept(value: Value, item: str, condition: Expression) -> Expression:
    """The value where the condition holds (the condition speaks of `item` for a list)."""
    if value.many:
        return Keep(value.expression, item, condition)
    return If(condition, value.expression, Nothing())
