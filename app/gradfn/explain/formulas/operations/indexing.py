"""Elements chosen by tensors of indices or masks."""

from gradfn.explain.formulas.operation import op, vjp

_PLACED = r"v \text{ added where } x \text{ was read, } 0 \text{ elsewhere}"
_STAYED = r"v \text{ where } x \text{ stayed, } 0 \text{ elsewhere}"

INDEXING = (
    op("IndexBackward", "indexed(self, indices)",
       self=vjp("back(grad, self, indexed(at(self), indices))", _PLACED)),
    op("IndexSelectBackward", "index_select(self, dim, index)",
       self=vjp("back(grad, self, index_select(at(self), dim, index))", _PLACED)),
    op("GatherBackward", "gather(self, dim, index)",
       self=vjp("back(grad, self, gather(at(self), dim, index))", _PLACED)),
    op("TakeBackward", "take_flat(self, index)",
       self=vjp("back(grad, self, index)", _PLACED)),
    op("MaskedSelectBackward", "indexed(self, [as_mask(mask, self)])",
       self=vjp("back(grad, self, indexed(at(self), [as_mask(mask, self)]))", _PLACED),
       latex=r"x_{[m]}"),
    op("EmbeddingBackward", "indexed(weight, [indices])",
       weight=vjp("back(grad * unpadded(indices, padding_idx), weight,"
                  " indexed(at(weight), [indices]))",
                  r"\text{the rows of } v \text{ added to the rows of } w \text{ that were read}")),
    op("ScatterBackward", "scatter(self, dim, index, src)",
       self=vjp("scatter(grad, dim, index, 0)", _STAYED),
       src=vjp("gather(grad, dim, index)")),
    op("ScatterBackward1", "scatter(self, dim, index, value)",
       self=vjp("scatter(grad, dim, index, 0)", _STAYED)),
    op("ScatterAddBackward", "scatter_add(self, dim, index, src)",
       self=vjp("grad"), src=vjp("gather(grad, dim, index)")),
    op("IndexAddBackward", "index_add(self, dim, index, alpha * source)",
       self=vjp("grad"), source=vjp("alpha * index_select(grad, dim, index)")),
    op("IndexCopyBackward", "index_put_dim(self, dim, index, source)",
       self=vjp("index_put_dim(grad, dim, index, 0)", _STAYED),
       source=vjp("index_select(grad, dim, index)")),
    op("IndexFillBackward", "index_put_dim(self, dim, index, value)",
       self=vjp("index_put_dim(grad, dim, index, 0)", _STAYED)),
    op("IndexPutBackward", "index_put(self, indices, values, accumulate)",
       self=vjp("grad if accumulate else index_put(grad, indices, 0, 0)", _STAYED),
       values=vjp("indexed(grad, indices)")),
    op("MaskedScatterBackward", "masked_scatter(self, mask, source)",
       self=vjp("grad * isnt(mask)"),
       source=vjp("masked_scatter_back(grad, mask, source)", r"v_{[m]}")),
    op("PutBackward", "put(self, index, source, accumulate)",
       self=vjp("grad if accumulate else put(grad, index, zeros(source), 0)", _STAYED),
       source=vjp("take_flat(grad, index)")),
)  # fmt: skip
