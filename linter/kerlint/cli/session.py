"""What a run asks of each file: its rules, its options, its proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerlint import selection
from kerlint.cli.flags import Flags, Usage
from kerlint.cli.output import Bar, tell
from kerlint.cli.sources import Sources
from kerlint.config import Config, did_you_mean
from kerlint.graph.answer import Rewrite
from kerlint.graph.graph import Graph
from kerlint.merge import Options
from kerlint.prove.cache import Cache, directory
from kerlint.rule.load import load
from kerlint.rule.own import OWN
from kerlint.rule.rule import Rule

if TYPE_CHECKING:
    from kerlint.fixing import Prove
    from kerlint.host.find import Search
    from kerlint.introspect.join import Join
    from kerlint.prove.client import Prover
    from kerlint.prove.proof import Proof


class Settings(NamedTuple):
    """Of one file."""

    rules: tuple[Rule, ...]
    options: Options
    config: Config


class Session:
    """The rules there are, and what each configuration makes of them."""

    def __init__(self, flags: Flags, sources: Sources) -> None:
        self.flags, self.sources = flags, sources
        config = sources.top if flags.trust else sources.top.untrusted()
        if sources.top.from_project and not flags.trust:
            keys = ", ".join(sorted(key.replace("_", "-") for key in sources.top.from_project))
            tell(f"kerlint: warning: {sources.top.source}: {keys}: not used without --trust")
        loaded = load([".", *sources.paths], trust=flags.trust, plugins=config.plugins)
        self.known: tuple[Rule, ...] = (*OWN, *loaded.rules)
        self._demand()
        self.errors: list[dict[str, str]] = []
        self.faulty = bool(loaded.faults)  # then there may be rules that are not known
        for fault in loaded.faults:
            if "--trust" in fault.message:  # a plugin that only needs to be trusted is no fault
                tell(f"kerlint: warning: plugin {fault.plugin}: {fault.message}")
            else:
                self.errors.append({"path": fault.plugin, "message": f"plugin {fault.plugin}: {fault.message}"})
        self.real: Join | None = None  # what runs of the program showed
        self._made: dict[int, Settings] = {}
        self._told: set[str] = set()

    def _demand(self) -> None:
        """What flags name must be there; a misspelt ``--python`` must not be taken for a machine without Keras."""
        if self.flags.why:
            from kerlint.cli.why import rules_of

            selection.demand(rules_of(self.flags.why), self.known)
        if self.flags.python:
            import shutil

            if shutil.which(self.flags.python) is None:
                raise Usage(f"--python {self.flags.python}: there is no such program")

    def of(self, path: str) -> Settings:
        """The settings of a file. Raises ConfigError for a configuration that cannot be."""
        config = self.sources.config(path)
        if id(config) not in self._made:
            rules = self._rules(config)
            self._made[id(config)] = Settings(tuple(rules), self._options(config, rules), config)
        whole = self._made[id(config)]
        silenced = selection.per_file(config, path)
        kept = [rule for rule in whole.rules if not any(selection.matches(word, rule) for word in silenced)]
        return whole._replace(rules=tuple(kept))

    def unread(self, path: str) -> bool:
        """Whether files that cannot be read are passed over: KER000 is ignored, not only not selected."""
        config = self.sources.config(path)
        words = (*self.flags.ignore, *config.ignore, *selection.per_file(config, path))
        return any(selection.matches(word, OWN[0]) for word in words)

    def _rules(self, config: Config) -> list[Rule]:
        for warning in selection.unknown(config, self.known):
            if warning not in self._told:
                self._told.add(warning)
                tell(f"kerlint: warning: {warning}")
        return selection.selected(config, self.known, self.flags.select, self.flags.extend_select, self.flags.ignore)

    def _options(self, config: Config, rules: Sequence[Rule]) -> Options:
        return Options(
            keras=config.generation, rules=selection.options(config, self.known),
            safe=selection.names(config.extend_safe_fixes, self.known),
            unsafe=selection.names(config.extend_unsafe_fixes, self.known),
            selected=selection.named(config, self.known, self.flags.select, self.flags.extend_select),
            existing=frozenset() if self.faulty else frozenset(word for rule in self.known for word in rule.words),
            why=self.flags.why is not None,
            partly=any(rule not in rules for rule in selection.selected(config, self.known)), load=self.sources.load,
            callers=self.sources.load.importers, real=self.real,
        )  # fmt: skip

    def proves(self, config: Config) -> bool:
        """Whether fixes are proved: the flag first, then the configuration."""
        return bool(config.prove) if self.flags.prove is None else self.flags.prove

    def search(self, *, demand: bool = False) -> Search:
        """Where a Python with Keras is looked for. Raises Usage on demand for a backend that is none of Keras's."""
        from kerlint.host.find import BACKENDS, Search

        config = self.sources.top
        named = config.python if "python" in config.from_project else None
        roots = tuple(Path(path) for path in self.sources.paths)
        search = Search(self.flags.python or config.untrusted().python, named, self.flags.trust, roots)
        if demand and search.backend not in BACKENDS:
            near = did_you_mean(search.backend, [*BACKENDS])
            raise Usage(f"KERAS_BACKEND={search.backend}: it can be {', '.join(BACKENDS)}{near}")
        return search

    @contextmanager
    def prover(self, total: int | None = None) -> Iterator[tuple[Prover, Prove]]:
        """The prover of the run, with a function that shows how far it is."""
        from kerlint.prove.client import Prover

        flags, config = self.flags, self.sources.top
        folder = directory(flags.cache_dir or config.untrusted().cache_dir)
        bar = Bar("proving", total, wanted=not flags.quiet)
        with Prover(self.search(), cache=None if flags.no_cache else Cache(folder, "proofs")) as prover:

            def prove(rewrite: Rewrite, equivalence: str, graph: Graph | None) -> Proof:
                bar.step()
                return prover.prove(rewrite, equivalence, graph)

            try:
                yield prover, prove
            finally:
                bar.end()
