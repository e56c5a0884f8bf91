// quiz.h - the challenge: what happens next? Four sentences of the narrator, one of them true.
//
// The question hides the next step that is worth one. The three others are told of this very run
// at other moments, so each could be; all four come without their reasons, which would give the
// answer away. Which place the true one takes is drawn from the step's number: a question asked
// again is the same question.
#ifndef QUIZ_H
#define QUIZ_H

#include "viz/scene.h"

enum { QUIZ_OPTIONS = 4, QUIZ_TEXT = 120 };

struct quiz {
    char   option[QUIZ_OPTIONS][QUIZ_TEXT];
    int    options;      // 0: there is nothing left to ask
    int    right;        // the true one
    int    answer;       // what was said; -1: nothing yet
    size_t beat;         // the hidden step
    unsigned asked, known;  // the score
};

// What comes after beat `now`? Moves the recording's stage; false if nothing is left to ask.
bool quiz_ask(struct quiz *q, const struct scene *s, struct recording *r, size_t now);
void quiz_answer(struct quiz *q, int option);  // counts; a second answer is ignored

#endif
