/** Asks for a key. */
import { useState } from "preact/hooks";
import { enter } from "../session.js";
import { Input } from "../ui/parts.js";

export function SignInPage({ message }: { message: string | null }) {
  const [key, setKey] = useState("");
  return (
    <main class="sign-in">
      <h1>Visgate</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter(key);
        }}
      >
        <Input
          label="API key"
          type="password"
          value={key}
          onInput={setKey}
          required
          hint="It begins with vg-. An operator signs in with the admin key. The key stays in this tab."
        />
        {message === null ? null : (
          <p class="error" role="alert">
            {message}
          </p>
        )}
        <button type="submit" class="main">
          Sign in
        </button>
      </form>
    </main>
  );
}
