/** Looking for a code of this hospital by its words. */
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { useCodes, type FoundCode } from "../../api/cohorts";

interface CodeSearchProps {
  label: string;
  placeholder: string;
  choose: (found: FoundCode) => void;
}

export function CodeSearch({ label, placeholder, choose }: CodeSearchProps) {
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 200);
  const found = useCodes(asked);
  const codes = asked.length > 1 ? (found.data?.codes ?? []) : [];
  return (
    <Select
      size="xs"
      searchable
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={14} />}
      rightSection={<span />}
      value={null}
      searchValue={text}
      onSearchChange={setText}
      filter={({ options }) => options}
      nothingFoundMessage={asked.length > 1 && found.isFetched ? "No such code here" : undefined}
      data={codes.map((one) => ({ value: one.code, label: `${one.label} · ${one.code} · ${one.persons === null ? "few" : one.persons} patients` }))}
      onChange={(code) => {
        const chosen = codes.find((one) => one.code === code);
        if (chosen) choose(chosen);
        setText("");
      }}
    />
  );
}
