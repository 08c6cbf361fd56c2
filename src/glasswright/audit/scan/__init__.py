"""Unsafe files in a model folder, found without loading any of them: `scanning.scan_path`.

    told          what a file is, by its bytes; one that is several things is read as each
    entered       archives and packed files, within bounds, each thing in them told again
    read          pickles, arrays, headers, graphs, configs, templates, notebooks, code: a reader each
    inert         texts, tables, pictures: nothing that loads a model runs anything in them

Every file is one finding or more: PROVED safe against what was looked for, REFUTED, or UNKNOWN. What was not looked
into, because it is a link, could not be read, goes beyond a bound, or is of a kind that no reader here knows, is
UNKNOWN and never left out.
"""
