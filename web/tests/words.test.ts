import { describe, expect, test } from "vitest";

import { classWord, identifierKind, printedQuantity, printedUnit, relativeWord, twoIdentifiers } from "../src/lib/words";

describe("codes as people read them", () => {
  test.each([
    ["mm[Hg]", "mmHg"], ["Cel", "°C"], ["10*9/L", "10⁹/L"], ["10*12/L", "10¹²/L"], ["umol/L", "µmol/L"], ["ug/L", "µg/L"],
    ["mL/min/{1.73_m2}", "mL/min/1.73 m²"], ["{units}/d", "units a day"], ["{drinks}/d", "drinks a day"], ["{INR}", ""], ["[pH]", ""], ["mmol/L", "mmol/L"], ["%", "%"], ["/min", "/min"],
    ["kg/m2", "kg/m²"], ["U/L", "U/L"], ["mU/L", "mU/L"], ["[iU]/L", "IU/L"], ["1", ""],
  ])("%s is printed as %s", (ucum, printed) => {
    expect(printedUnit(ucum)).toBe(printed);
  });
  test("the number before a unit stays to the digit", () => {
    expect(printedQuantity("<0.20 umol/L")).toBe("<0.20 µmol/L");
    expect(printedQuantity("Allergy to penicillin")).toBe("Allergy to penicillin");
    expect(printedQuantity("2 umol")).toBe("2 µmol");
  });
  test("two identifiers are two numbers, the ward's own first", () => {
    const one = { label: "Identifier", value: "7", system: "a" };
    const same = { label: "MR", value: "7", system: "b" };
    const other = { label: "SS", value: "9", system: "c" };
    expect(twoIdentifiers([one, other, same])).toEqual([same, other]);
    expect(twoIdentifiers([one])).toEqual([one]);
  });
  test("an unknown code stays the code", () => {
    expect(classWord("IMP")).toBe("inpatient");
    expect(classWord("X9")).toBe("X9");
    expect(relativeWord("MTH")).toBe("mother");
    expect(relativeWord("mother, at 61")).toBe("mother, at 61");
    expect(identifierKind("MR")).toBe("MRN");
    expect(identifierKind("Ward list")).toBe("Ward list");
  });
});
