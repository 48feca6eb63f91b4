/**
 * What the server sends, by the schemas of its OpenAPI document; what fields mean is said there.
 * `make check` writes the declarations into build/, from the server's own code.
 *
 * @import {components} from "gradfn/api"
 * @typedef {components["schemas"]} Schemas
 *
 * @typedef {Schemas["RunDocument"]} RunDocument
 * @typedef {Schemas["Error"]} RunError
 * @typedef {Schemas["Explanation"]} Explanation
 * @typedef {Schemas["Diagnostic"]} Diagnostic
 * @typedef {Schemas["Edit"]} Edit
 * @typedef {Schemas["Figure"]} Figure
 * @typedef {Schemas["WrittenFile"]} WrittenFile
 *
 * @typedef {Schemas["Tensor"]} Tensor
 * @typedef {Schemas["TensorValue"]} TensorValue
 * @typedef {NonNullable<TensorValue["data"]>[number]} Element a complex one is [real, imaginary]
 * @typedef {Schemas["Function"]} GradFunction
 * @typedef {Schemas["Operand"]} Operand
 * @typedef {Schemas["Saved"]} Saved
 * @typedef {Schemas["Partial"]} Partial
 * @typedef {Schemas["StackFrame"]} StackFrame
 * @typedef {Schemas["Span"]} Span
 *
 * @typedef {Schemas["BackwardPass"]} BackwardPass
 * @typedef {Schemas["PassedFunction"]} PassedFunction
 * @typedef {Schemas["Changed"]} Changed
 * @typedef {Schemas["Cut"]} Cut
 * @typedef {Cut["reason"]} CutReason
 * @typedef {Schemas["InPlaceChange"]} InPlaceChange
 * @typedef {Schemas["TrainingEvent"]} TrainingEvent
 * @typedef {Schemas["Step"]} Step
 * @typedef {Schemas["Bound"]} Bound
 * @typedef {Schemas["Moment"]} Moment
 *
 * @typedef {Schemas["ByHand"]} ByHand
 * @typedef {Schemas["Path"]} Path
 * @typedef {Schemas["Difference"]} Difference
 *
 * @typedef {Schemas["StreamEvents"]} StreamEvents what the events of a live run carry, by name
 * @typedef {{[Name in keyof StreamEvents]: {name: Name, value: StreamEvents[Name]}}[keyof StreamEvents]} StreamEvent
 * @typedef {StreamEvents["moved"]} Moved
 * @typedef {StreamEvents["state"]} Training
 * @typedef {Schemas["ViewState"]} ViewState
 * @typedef {Schemas["View"]} View
 * @typedef {Schemas["Control"]} Control
 *
 * @typedef {Schemas["Layout"]} Layout
 * @typedef {Schemas["PlacedBox"]} PlacedBox
 * @typedef {Schemas["PlacedEdge"]} PlacedEdge
 * @typedef {Schemas["PlacedFrame"]} PlacedFrame
 * @typedef {Schemas["PlacedFold"]} PlacedFold
 *
 * @typedef {Schemas["Example"]} Example
 * @typedef {{title: string, detail: string, advice: string}} Failure a run that gave no document
 */

export {};
