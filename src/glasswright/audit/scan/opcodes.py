"""What a pickle would do when it is loaded, found by a machine that runs its opcodes and calls nothing.

    stack     values: constants as they are, `Name` for what is imported, `Made` for what a call gives
    memo      as the real one, so that a name put together from pieces is the name that would be imported
    heard     every name, call, extension code, persistent id and constant, in the order of the file

The decoder is pickletools' table; where its readers differ from the loader's, they are replaced: INT and LONG take
`0x10`, GLOBAL and INST take names as they stand, and what they refuse the loader may take.
"""

import io
import pickletools
from typing import Any

from glasswright.audit.scan.opcode_arguments import READERS
from glasswright.audit.scan.pickle_values import ARRAY, MARK, NONE, Broken, Heard, Made, Name, item_bytes

MAX_OPCODES = 2_000_000  # values of all of them are held in memory
MAX_FIRST_OPCODES = 2_000  # to tell whether some bytes are a pickle
HIGHEST_PROTOCOL = 5
OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}


def may_be_opcodes(first: bytes) -> bool:
    """Whether a loader of pickles, given a file that begins so, imports or asks for something, or goes on past it.

    Only what its opcodes do decides: a text or a picture that happens to begin with one stops at the next.
    """
    heard, file = Heard(), io.BytesIO(first)
    try:
        Machine(file, heard, max_opcodes=MAX_FIRST_OPCODES, knows_ids=False).run()
    except Broken:
        is_cut = len(first) >= 2**12 and file.tell() >= len(first)
        return bool(heard.names and heard.num_calls) or is_cut or heard.num_opcodes > MAX_FIRST_OPCODES
    return bool(heard.names or heard.odd)


class Machine:
    """One load: from here to STOP."""

    def __init__(self, file: io.BytesIO, heard: Heard, *, max_opcodes: int | None = None, knows_ids: bool = True):
        self.file, self.heard, self.max_opcodes = file, heard, max_opcodes or MAX_OPCODES
        self.knows_ids = knows_ids  # whether the loader knows what a persistent id stands for; if not, it stops
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """The value at STOP.

        Raises:  Broken.
        """
        while True:
            opcode, argument = self._next()
            self.heard.num_opcodes += 1
            if self.heard.num_opcodes > self.max_opcodes:
                raise Broken(f"it has more than {self.max_opcodes:,} opcodes")
            if opcode.name == "STOP":
                return self._pop()
            act = getattr(self, f"do_{opcode.name.lower()}", None)
            if act is not None:
                act(argument)
            else:
                self._plain(opcode, argument)

    def _next(self) -> tuple[Any, Any]:
        code = self.file.read(1)
        opcode = OPCODES.get(code) if code else None
        if opcode is None:
            raise Broken("no opcode" if code else "it ends before its last opcode")
        read = READERS.get(opcode.name) or (opcode.arg.reader if opcode.arg else None)
        try:
            return opcode, read(self.file) if read else None
        except (ValueError, OverflowError, MemoryError, EOFError) as error:
            raise Broken(f"{opcode.name}: {str(error)[:80]}") from error

    def _pop(self) -> Any:
        if not self.stack or self.stack[-1] is MARK:
            raise Broken("an opcode takes more than there is")
        return self.stack.pop()

    def _to_mark(self) -> list[Any]:
        items: list[Any] = []
        while self.stack:
            if (value := self.stack.pop()) is MARK:
                return items[::-1]
            items.append(value)
        raise Broken("an opcode goes back to a mark that is not there")

    def _plain(self, opcode: Any, argument: Any) -> None:
        """An opcode that only moves values: by the table's account of the stack."""
        before = opcode.stack_before
        if pickletools.markobject in before:
            self._to_mark()
            before = before[: before.index(pickletools.markobject)]
        for _ in before:
            self._pop()
        if isinstance(argument, bytes | bytearray):
            self.heard.constants.append(bytes(argument))
        elif isinstance(argument, str) and opcode.name != "PERSID":
            self.heard.constants.append(argument.encode("latin-1", "ignore"))
        for _ in opcode.stack_after:
            self.stack.append(Made() if argument is None else argument)

    # Marks, copies and the memo

    def do_mark(self, _: Any) -> None:
        self.stack.append(MARK)

    def do_pop(self, _: Any) -> None:
        if not self.stack:
            raise Broken("an opcode takes more than there is")
        self.stack.pop()  # a mark as well

    def do_none(self, _: Any) -> None:
        self.stack.append(NONE)

    def do_dup(self, _: Any) -> None:
        value = self._pop()
        self.stack += [value, value]

    def do_memoize(self, _: Any) -> None:
        self.do_put(len(self.memo))

    def do_put(self, index: int) -> None:
        value = self._pop()
        self.stack.append(value)
        self.memo[index] = value

    def do_get(self, index: int) -> None:
        if index not in self.memo:
            raise Broken("it asks for something that it did not keep")
        self.stack.append(self.memo[index])

    do_binput = do_long_binput = do_put
    do_binget = do_long_binget = do_get

    def do_proto(self, version: int) -> None:
        if version > HIGHEST_PROTOCOL:
            raise Broken(f"protocol {version}")

    # Containers whose contents matter: arguments of calls and the state of what is built

    def do_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._to_mark()))

    def do_empty_tuple(self, _: Any) -> None:
        self.stack.append(())

    def _of(self, count: int) -> None:
        values = [self._pop() for _ in range(count)]
        self.stack.append(tuple(values[::-1]))

    def do_tuple1(self, _: Any) -> None:
        self._of(1)

    def do_tuple2(self, _: Any) -> None:
        self._of(2)

    def do_tuple3(self, _: Any) -> None:
        self._of(3)

    def do_setitem(self, _: Any) -> None:
        value, key = self._pop(), self._pop()
        self._keep([key, value])

    def do_setitems(self, _: Any) -> None:
        self._keep(self._to_mark())

    def do_dict(self, _: Any) -> None:
        items = self._to_mark()
        self.stack.append(Made())
        self._keep(items)

    def _keep(self, items: list[Any]) -> None:
        into = self._pop()
        self.stack.append(into)
        if isinstance(into, Made):
            into.state += zip(items[::2], items[1::2], strict=False)
        elif isinstance(into, Name):
            self.heard.odd[f"it sets items of {into}"] = None

    # Imports and calls

    def _import(self, module: Any, name: Any) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            self.heard.odd["it imports a name that is made while it is loaded"] = None
            self.stack.append(Made())
            return
        self.heard.names[Name(module, name)] = None
        self.stack.append(Name(module, name))

    def do_global(self, names: tuple[str, str]) -> None:
        self._import(*names)

    def do_stack_global(self, _: Any) -> None:
        name, module = self._pop(), self._pop()
        self._import(module, name)

    def do_inst(self, names: tuple[str, str]) -> None:
        arguments = self._to_mark()
        self._import(*names)
        self._call(self._pop(), tuple(arguments))

    def do_obj(self, _: Any) -> None:
        items = self._to_mark()
        if not items:
            raise Broken("OBJ of nothing")
        self._call(items[0], tuple(items[1:]))

    def do_reduce(self, _: Any) -> None:
        arguments, callee = self._pop(), self._pop()
        self._call(callee, arguments)

    do_newobj = do_reduce

    def do_newobj_ex(self, _: Any) -> None:
        named, arguments, callee = self._pop(), self._pop(), self._pop()
        self._call(callee, (arguments, named))

    def _call(self, callee: Any, arguments: Any) -> None:
        self.heard.num_calls += 1
        if not isinstance(callee, Name):
            self.heard.odd["it calls what it has made"] = None
        self.stack.append(Made(callee, arguments))

    def do_build(self, _: Any) -> None:
        state, built = self._pop(), self._pop()
        self.heard.num_calls += 1
        if isinstance(built, Name):
            self.heard.odd[f"it changes {built} itself"] = None
        elif isinstance(built, Made) and isinstance(state, Made):
            built.state += state.state
        elif isinstance(built, Made):
            built.state.append(("", state))
        self.stack.append(built)
        if isinstance(built, Made) and built.by == ARRAY:
            self._skip_array(built)

    def do_ext1(self, code: int) -> None:
        self.heard.odd[f"extension code {code} stands for whatever its loader has registered"] = None
        self.stack.append(Made())

    do_ext2 = do_ext4 = do_ext1

    def do_persid(self, identity: Any) -> None:
        if not self.knows_ids:
            raise Broken("a persistent id")
        self.heard.persistent.append(identity)
        self.stack.append(Made())

    def do_binpersid(self, _: Any) -> None:
        self.do_persid(self._pop())

    def _skip_array(self, wrapper: Made) -> None:
        """joblib writes the bytes of an array behind the wrapper that describes it, and a pickle if it has objects."""
        state = dict(pair for pair in wrapper.state if isinstance(pair[0], str))
        size = item_bytes(state.get("dtype"))
        shape = state.get("shape")
        if size is None or not isinstance(shape, tuple) or not all(type(length) is int for length in shape):
            raise Broken("an array of a type that is not known lies in it")
        if size == 0:
            Machine(self.file, self.heard, max_opcodes=self.max_opcodes).run()
            return
        for length in shape:
            size *= max(0, min(length, 2**40))
        if state.get("numpy_array_alignment_bytes") is not None:
            self.file.seek(int.from_bytes(self.file.read(1), "little"), io.SEEK_CUR)
        end = self.file.seek(0, io.SEEK_CUR) + size
        if end > len(self.file.getbuffer()):
            raise Broken("it ends within an array")
        self.file.seek(end)
