/**
 * The run document as the server sends it (docs of its fields: app/model/document.py).
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
 *   grad: TensorValue | null, version: number | null, line: number | null, note: string | null}} Tensor
 *
 * @typedef {{argument: string, tensor: string | null, value: Scalar | string | null}} Operand
 * @typedef {{name: string, tensor: string | null, value: Scalar | string | null}} Saved
 * @typedef {{id: string, name: string, next_functions: ({function: string, input_nr: number} | null)[],
 *   inputs: Operand[], outputs: string[], saved: Saved[], variable: string | null, op: string | null,
 *   line: number | null, stack: {function: string, line: number}[], module: string,
 *   formula: unknown}} GradFunction
 *
 * @typedef {{tensors: Tensor[], functions: GradFunction[], truncated: boolean}} Graph
 * @typedef {{name: string, kind: string, tensor: string | null, repr: string}} Variable
 * @typedef {{id: string, title: string, why: string, fix: string}} Explanation
 * @typedef {{kind: string, type: string, message: string, line: number | null, column: number | null,
 *   traceback: {function: string, line: number, code: string}[], limit: string | null,
 *   explanation: Explanation | null}} RunError
 * @typedef {{id: string, severity: "info" | "warning" | "error", line: number | null, title: string,
 *   why: string, fix: string, tensors: string[], functions: string[]}} Diagnostic
 * @typedef {{format: "svg" | "png", data: string, line: number | null}} Figure
 *
 * @typedef {{schema: string, status: "finished" | "raised" | "stopped" | "limit" | "crashed",
 *   error: RunError | null, stdout: string, stdout_truncated: boolean, stderr: string,
 *   stderr_truncated: boolean, result: {repr: string} | null, variables: Variable[], graph: Graph,
 *   figures: Figure[], diagnostics: Diagnostic[],
 *   limits: {reached: string[], cpu_ms: number | null, peak_memory_mb: number | null},
 *   timing: {queue_ms: number, run_ms: number, total_ms: number},
 *   picture: {svg: string | null, error: string | null} | null}} RunDocument
 *
 * @typedef {{slug: string, title: string, part: string, summary: string, code: string}} Example
 * @typedef {{title: string, detail: string, advice: string}} Failure a run that gave no document
 */

export {};
