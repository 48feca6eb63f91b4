/** Small run documents. Each builder fills in what a test does not care about. */

/** @param {number[] | number} data @param {number[]} shape */
export function value(data, shape = Array.isArray(data) ? [data.length] : []) {
  return { shape, dtype: "float32", data: [data].flat(), summary: null };
}

export function tensor(id, fields = {}) {
  return {
    id,
    names: [],
    role: "intermediate",
    is_leaf: false,
    requires_grad: true,
    grad_fn: null,
    output_nr: 0,
    value: null,
    grad: null,
    line: null,
    step: null,
    alive: true,
    ...fields,
  };
}

/** @param {string} id @param {(string | null)[]} next the functions that follow it */
export function fn(id, next = [], fields = {}) {
  const next_functions = next.map((each) => (each === null ? null : { function: each, input_nr: 0 }));
  return {
    id,
    name: "MulBackward0",
    next_functions,
    variable: null,
    line: null,
    span: null,
    stack: [],
    step: null,
    ...fields,
  };
}

export function step(line, fields = {}) {
  return {
    line,
    depth: 0,
    function: "<module>",
    iteration: null,
    bound: [],
    made: [],
    changed: [],
    printed: "",
    ...fields,
  };
}

export function bound(name, fields = {}) {
  return { name, kind: "number", repr: "1", value: null, tensor: null, local: false, ...fields };
}

export function runDocument({ tensors = [], functions = [], ...fields } = {}) {
  return {
    status: "finished",
    error: null,
    variables: [],
    backward: [],
    steps: [],
    cuts: [],
    in_place: [],
    training: [],
    diagnostics: [],
    picture: null,
    ...fields,
    graph: { tensors, functions, truncated: false },
  };
}
