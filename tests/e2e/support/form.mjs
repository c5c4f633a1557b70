// What proves by repetition has two forms: a short one for each change (`make test`) and a full one (`make prove`).

export const isFull = process.env.MILLRACE_FORM === "full";

/** What the form that runs takes, such as the rounds of a crash test. */
export const inForm = ({ short, full }) => (isFull ? full : short);
