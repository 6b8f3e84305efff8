import { Alert, Anchor, Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { Link, useLocation, useNavigate } from "react-router";

import { post, type Problem } from "../../api/client";
import { useSession } from "../../api/queries";
import { nextOf } from "../../lib/next";
import { useHome } from "../../parts/home";
import { Door } from "./door";

/** Choose a password; the first time, right after the one-time link. */
export function PasswordPage() {
  const session = useSession().data;
  const client = useQueryClient();
  const navigate = useNavigate();
  const place = useLocation();
  const home = useHome();
  const [unequal, setUnequal] = useState(false);
  useEffect(() => { document.title = "Set a password · Vitruvian"; }, []);

  const change = useMutation<void, Problem, string>({
    mutationFn: (password) => post<void>("/password", { password }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["session"] });
      void navigate(nextOf(place.state), { replace: true });
    },
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password"));
    const same = password === String(form.get("again"));
    setUnequal(!same);
    if (same) change.mutate(password);
  };
  return (
    <Door title={session?.must_set_password ? "Choose a password" : "Change your password"}>
      <p style={{ marginTop: 0, color: "var(--v-soft)" }}>
        {session?.must_set_password
          ? "Your link worked once and is spent. The password is for every time after this."
          : "It takes effect at once, for the next sign-in."}
        {" "}Twelve characters or more; a few words in a row are easy to keep.
      </p>
      {change.isError && (
        <Alert color="red" variant="light" title={change.error.title} mb="md">{change.error.message}</Alert>
      )}
      <form onSubmit={send}>
        <input type="text" name="username" autoComplete="username" value={session?.name ?? ""} readOnly hidden />
        <PasswordInput name="password" label="New password" size="md" required autoFocus autoComplete="new-password" withAsterisk={false} />
        <PasswordInput name="again" label="The same again" size="md" mt="sm" required autoComplete="new-password" withAsterisk={false} error={unequal && "The two are not the same. Type both again."} />
        <Button type="submit" size="md" fullWidth mt="lg" loading={change.isPending}>Set password</Button>
      </form>
      {!session?.must_set_password && (
        <p style={{ margin: "14px 0 0", textAlign: "center" }}><Anchor component={Link} to={home.to} size="sm">Back to {home.place}</Anchor></p>
      )}
    </Door>
  );
}
