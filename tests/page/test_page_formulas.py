"""Formulas in a real browser."""

from playwright.sync_api import expect

from gradfn.explain.formulas.arguments import arguments_of
from gradfn.explain.formulas.formulas import formula_of
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.model.document import Function, Operand
from gradfn.model.recording import PassedFunction
from tests.explain.test_formulas import NEVER
from tests.page.browser import Open, Site
from tests.page.test_page import PHONE, assert_accessible
from tests.render.graphs import tensor, value

FAILURES = """async (formulas) => {
  const { default: katex } = await import("katex");
  const failures = [];
  for (const latex of formulas) {
    try {
      katex.renderToString(latex, { displayMode: true, throwOnError: true, strict: "error" });
    } catch (error) {
      failures.push(`${latex}: ${error.message}`);
    }
  }
  return failures;
}"""


def every_formula() -> list[str]:
    """All LaTeX that the table makes, in letters and with numbers."""
    tensors = {"t1": tensor("t1", holds=value(0.5, -1e-9, 2e30, 1.0, shape=[2, 2]))}
    found = []
    for name, operation in OPERATIONS.items():
        inputs = tuple(Operand(argument, tensor="t1") for argument in operation.slopes)
        function = Function("f1", name, (), inputs=inputs)
        passed = PassedFunction("f1", (value(1.0, 2.0, 3.0, float(4), shape=[2, 2]),), ())
        formula = formula_of(function, arguments_of(function, tensors, NEVER), passed)
        assert formula is not None
        found += [formula.forward, formula.numbers, *formula.symbols.values()]
        for partial in formula.partials:
            found += [partial.latex, partial.vjp, partial.numbers, partial.vjp_numbers]
    return [latex for latex in found if latex]


def test_katex_understands_every_formula(site: Site) -> None:
    formulas = every_formula()

    assert len(formulas) > 1000
    assert site.page.evaluate(FAILURES, formulas) == []


def test_a_function_shows_its_formula_and_pytorch_s_own(site: Site) -> None:
    page = site.page
    assert not any("katex.js" in url for url in site.requests)

    page.locator("#stage g.node.function", has_text="MulBackward0").click()

    formulas = page.get_by_role("region", name="Formula")
    expect(formulas.locator(".katex").first).to_be_visible()
    # What a screen reader meets is MathML.
    expect(formulas.locator("math").first).to_contain_text("y=a⋅b")
    expect(formulas.locator(".definition")).to_contain_text("mul_tensor_backward(grad, other")
    assert_accessible(page)


def test_formulas_stay_inside_a_phone(open_site: Open) -> None:
    site = open_site(viewport=PHONE, color_scheme="dark")
    site.go()
    page = site.page
    page.locator("#stage g.node.function", has_text="MulBackward0").click()
    page.get_by_role("button", name="Details", exact=True).click()
    expect(page.locator(".formula .katex").first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)


def test_a_leaf_s_card_works_its_gradient_out_by_hand_when_it_is_opened(site: Site) -> None:
    page = site.page
    assert not any("backprop" in url for url in site.requests)
    page.locator("#t1").click()

    by_hand = page.locator(".by-hand")
    expect(by_hand.locator("summary").first).to_contain_text("of y, 2 paths agrees")
    expect(by_hand.locator(".katex").first).to_be_visible()
    expect(by_hand.locator("details").first.locator(".results td")).to_have_text(
        ["5.0", "5.0", "5.0"]
    )
    expect(by_hand.locator("details").first.locator(".paths > li")).to_have_count(2)
    assert_accessible(page)
    by_hand.locator(".factors .reference").first.click()
    expect(page.locator("#details .card-name")).to_have_text("MulBackward0")
    page.locator("#t1").click()
    expect(by_hand.locator("details").first.locator(".paths > li")).to_have_count(2)
    assert sum("backprop" in url for url in site.requests) == 1  # it was kept


def test_a_formula_is_in_the_names_of_the_program_and_its_derivative_is_not_cut_off(
    site: Site,
) -> None:
    page = site.page
    site.run(
        "import torch\n"
        "z = torch.tensor([0.5, 1.0, -2.0], requires_grad=True)\n"
        "y = torch.sigmoid(z)\ny.sum().backward()\n"
    )
    page.locator("#stage g.node.function", has_text="SigmoidBackward0").click()
    forward = page.locator("#details .formulas .formula").first
    expect(forward.locator("annotation")).to_contain_text(r"y = \sigma\left(z\right)")
    expect(forward.locator(".katex-error")).to_have_count(0)
    wide = page.locator("#details .formula").evaluate_all(
        "all => all.slice(0, 2).filter(each => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert wide == 0
