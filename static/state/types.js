/**
 * The run document as the server sends it (docs of its fields: app/gradfn/model/document.py).
 *
 * @typedef {number | boolean | "NaN" | "Infinity" | "-Infinity"} Scalar
 * @typedef {Scalar | [Scalar, Scalar]} Element a complex one is [real, imaginary]
 * @typedef {{min: Scalar | null, max: Scalar | null, mean: Scalar | null, std: Scalar | null,
 *   norm: Scalar | null, zeros: number, nonfinite: number}} Summary
 * @typedef {{shape: number[], dtype: string, data: Element[] | null, summary: Summary | null}} TensorValue
 *
 * @typedef {"parameter" | "leaf" | "intermediate" | "constant"} Role
 * @typedef {{id: string, names: string[], role: Role, is_leaf: boolean, requires_grad: boolean,
 *   retains_grad: boolean, grad_fn: string | null, output_nr: number, value: TensorValue | null,
 *   grad: TensorValue | null, version: number | null, line: number | null, note: string | null,
 *   alive: boolean, step: number | null}} Tensor
 *
 * @typedef {{argument: string, latex: string, pytorch: string, vjp: string, text: string,
 *   numbers: string | null, vjp_numbers: string | null, jacobian: TensorValue | null}} Partial
 * @typedef {{forward: string, partials: Partial[], pytorch: string, text: string,
 *   numbers: string | null, symbols: Record<string, string>}} Formula
 *
 * @typedef {{argument: string, tensor: string | null, value: Scalar | string | null}} Operand
 * @typedef {{name: string, tensor: string | null, value: Scalar | string | null,
 *   freed: boolean, modified: boolean}} Saved
 * @typedef {{function: string, line: number}} StackFrame
 * @typedef {{line: number, column: number, end_line: number, end_column: number}} Span
 * @typedef {{id: string, name: string, next_functions: ({function: string, input_nr: number} | null)[],
 *   inputs: Operand[], outputs: string[], saved: Saved[], variable: string | null, op: string | null,
 *   line: number | null, stack: StackFrame[], module: string, span: Span | null, step: number | null,
 *   sequence_nr: number | null, formula: Formula | null}} GradFunction
 *
 * @typedef {{function: string, argument: string, latex: string, local: TensorValue | null,
 *   product: TensorValue}} Factor
 * @typedef {{factors: Factor[], product: TensorValue, count: number}} Path
 * @typedef {{kind: "gradient" | "received" | "value", function: string, argument: string | null,
 *   by_hand: TensorValue, autograd: TensorValue}} Difference
 * @typedef {{root: string, leaf: string, seed: TensorValue, count: number, grouped: boolean,
 *   paths: Path[], total: TensorValue | null, autograd: TensorValue | null,
 *   finite_differences: TensorValue | null, agrees: boolean | null, differences: Difference[],
 *   latex: string | null, note: string | null}} ByHand
 *
 * @typedef {{tensors: Tensor[], functions: GradFunction[], truncated: boolean}} Graph
 * @typedef {{name: string, kind: string, tensor: string | null, repr: string}} Variable
 * @typedef {{line: number, end_line: number, text: string}} Edit lines replaced; `end_line` is one less where lines are put in
 * @typedef {{id: string, title: string, why: string, fix: string, line: number | null,
 *   tensors: string[], functions: string[], edits: Edit[], guide: string | null}} Explanation
 * @typedef {{kind: string, type: string, message: string, line: number | null, column: number | null,
 *   traceback: {function: string, line: number, code: string}[], limit: string | null,
 *   explanation: Explanation | null}} RunError
 * @typedef {{id: string, severity: "info" | "warning" | "error", line: number | null, title: string,
 *   why: string, fix: string, tensors: string[], functions: string[], edits: Edit[],
 *   guide: string | null}} Diagnostic
 *
 * What the recorder tells (docs of its fields: app/gradfn/model/recording.py).
 * @typedef {{name: string, tensor: string | null, before: TensorValue | null, after: TensorValue | null}} Changed
 * @typedef {{function: string | null, grad_outputs: (TensorValue | null)[],
 *   grad_inputs: (TensorValue | null)[], name: string}} PassedFunction
 * @typedef {{line: number | null, call: "backward" | "grad", roots: string[], accumulated_into: string[],
 *   functions: PassedFunction[], stack: StackFrame[], step: number | null,
 *   root_values: (TensorValue | null)[], seed: (TensorValue | null)[], accumulated: Changed[],
 *   alike: number | null, truncated: boolean}} BackwardPass
 * Later values in the graph of a live run, by id.
 * @typedef {{iteration: number, shape: number, root_values: (TensorValue | null)[], functions: PassedFunction[],
 *   tensors: Record<string, {value: TensorValue | null, grad: TensorValue | null}>}} Moved
 * @typedef {"detach" | "data" | "no_grad" | "inference_mode" | "number" | "numpy" | "new_tensor" |
 *   "dtype" | "no_derivative"} CutReason
 * @typedef {{reason: CutReason, code: string, span: Span, stack: StackFrame[], step: number | null,
 *   name: string, tensor: string | null, function: string | null, result: string | null,
 *   times: number}} Cut
 * @typedef {{op: string, code: string, span: Span, stack: StackFrame[], step: number | null, name: string,
 *   tensor: string | null, function: string | null, version_before: number, version: number,
 *   saved_by: string[]}} InPlaceChange
 * @typedef {{kind: "zero_grad" | "optimizer_step" | "assign_grad" | "assign_data", line: number | null,
 *   step: number | null, code: string, changed: Changed[]}} TrainingEvent
 * @typedef {{name: string, kind: string, repr: string, value: TensorValue | null, tensor: string | null,
 *   local: boolean}} Bound
 * @typedef {{function: string, output_nr: number, value: TensorValue | null}} Made
 * @typedef {{tensor: string, attribute: "value" | "grad", value: TensorValue | null}} Moment
 * @typedef {{line: number, number: number, depth: number, function: string, iteration: number | null,
 *   bound: Bound[], made: Made[], changed: Moment[], printed: string}} Step
 * @typedef {{operations: number, steps: number, thinned: string[]}} Recording
 *
 * @typedef {{format: "svg" | "png", data: string, line: number | null}} Figure
 *
 * @typedef {{schema: string, status: "finished" | "raised" | "stopped" | "limit" | "crashed" | "running" | "paused",
 *   error: RunError | null, stdout: string, stdout_truncated: boolean, stderr: string,
 *   stderr_truncated: boolean, result: {repr: string} | null, variables: Variable[], graph: Graph,
 *   backward: BackwardPass[], steps: Step[] | null, cuts: Cut[], in_place: InPlaceChange[],
 *   training: TrainingEvent[], recording: Recording | null,
 *   by_hand: ByHand[], figures: Figure[], diagnostics: Diagnostic[],
 *   limits: {reached: string[], cpu_ms: number | null, peak_memory_mb: number | null},
 *   timing: {queue_ms: number, run_ms: number, total_ms: number},
 *   picture: {svg: string | null, error: string | null} | null}} RunDocument
 *
 * @typedef {{slug: string, title: string, part: string, summary: string, code: string}} Example
 * @typedef {{title: string, detail: string, advice: string}} Failure a run that gave no document
 */

export {};
