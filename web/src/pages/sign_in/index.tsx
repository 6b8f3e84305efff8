/** Sign-in: a one-time link (token in the fragment, so in no log) or name and password. */
import { Alert, Button, Divider, PasswordInput, TextInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useLocation, useNavigate } from "react-router";

import { get, post, type Problem } from "../../api/client";
import type { Session } from "../../api/types";
import { useLinkTurn } from "../../lib/link_turn";
import { nextOf } from "../../lib/next";
import { Loading } from "../../parts/states";
import { Door } from "./door";

type Proof = { token: string } | { name: string; password: string };

/** Take the token out of the address bar before anything else sees it. */
function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token) window.history.replaceState(window.history.state, "", window.location.pathname);
  return token;
}

function useSignIn() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const place = useLocation();
  return useMutation<Session, Problem, Proof>({
    mutationFn: (proof) => post<Session>("/sign-in", proof),
    onSuccess: (session) => {
      client.clear();
      client.setQueryData(["session"], session);
      const to = session.must_set_password ? "/password" : nextOf(place.state);
      void navigate(to, { replace: true, state: { next: nextOf(place.state) } });
    },
  });
}

export function SignInPage() {
  return <SignIn key={useLinkTurn()} />;
}

function SignIn() {
  const signIn = useSignIn();
  const tried = useRef(false);
  const [byLink, setByLink] = useState(false);
  const { mutate } = signIn;
  useEffect(() => {
    document.title = "Sign in · Vitruvian";
    const token = tried.current ? null : takeToken();
    tried.current = true;
    if (token) {
      setByLink(true);
      mutate({ token });
    }
  }, [mutate]);

  if (byLink && (signIn.isPending || signIn.isIdle)) {
    return <Door title="Signing in with your link"><Loading lines={3} /></Door>;
  }
  return (
    <Door title="Sign in">
      {signIn.isError && (
        <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} title={signIn.error.title} mb="md">
          {signIn.error.message}
        </Alert>
      )}
      <ByProvider />
      <PasswordForm busy={signIn.isPending} onProof={signIn.mutate} />
    </Door>
  );
}

/** The hospital's own identity provider, where one is declared. */
function ByProvider() {
  const then = nextOf(useLocation().state);
  const { data } = useQuery({
    queryKey: ["provider"],
    queryFn: ({ signal }) => get<{ title: string | null }>("/sign-in/provider", undefined, signal),
    staleTime: Infinity,
  });
  if (!data?.title) return null;
  const address = `/sign-in/with-provider?${new URLSearchParams([["then", then]]).toString()}`;
  return (
    <>
      <Button component="a" href={address} size="md" fullWidth>Sign in with {data.title}</Button>
      <Divider my="md" label="or with an account of this server" />
    </>
  );
}

function PasswordForm({ busy, onProof }: { busy: boolean; onProof: (proof: Proof) => void }) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onProof({ name: String(form.get("name")), password: String(form.get("password")) });
  };
  return (
    <form onSubmit={send}>
      <TextInput name="name" label="Account name" size="md" required autoFocus autoComplete="username" spellCheck={false} withAsterisk={false} />
      <PasswordInput name="password" label="Password" size="md" mt="sm" required autoComplete="current-password" withAsterisk={false} />
      <Button type="submit" size="md" fullWidth mt="lg" loading={busy}>Sign in</Button>
    </form>
  );
}
