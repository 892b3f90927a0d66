extension Cues {
  enum English {
    static let groups = [
      CueGroup(
        nil, 0,
        """
        no complaint|no complaints|not a complaint|nothing to complain|no problem|no problems|no problem at all|\
        not a problem|without any problem|without any problems|without problems|no issue|no issues|without issues|\
        without any issues|no error|no errors|not bad|not disappointed|no worries|don't worry|can't wait|\
        cannot wait|can't complain|cannot complain|refund policy|return policy|what a|what an|how are you|\
        hope you are|hope this|feel free|if you have any questions|any questions|let me know if|of course|\
        can't recommend enough|no question|out of the question|the question is|which is|who is|i know what|\
        when i|when you|when the|what i|what you|where i|how i|as if|if there are any issues|please advise|\
        would like to complain|like to complain
        """),

      CueGroup(
        .complaint, 1.5,
        """
        complain|complaint|complaints|complaining|terrible|terribly|awful|worst|unacceptable|disappoint*|\
        ridiculous*|useless|scam*|fraud*|rip off|ripped off|ripoff|disgrace*|disgust*|appalling*|pathetic|\
        outrage*|shame on|shameful|a joke|horrible|rude|rudely|dreadful|misleading|misled|lied|liars|cheated|\
        stole|stolen|overcharged|double charged|charged twice|charged me twice|never arrived|never received|\
        never came|never got|no response|no reply|nobody answers|no one answers|nobody replied|no one replied|\
        poor service|bad service|poor customer service|terrible service|customer service is|fed up|furious|angry|\
        unhappy|dissatisfied|upset|compensation|money back|want a refund|demand a refund|full refund|\
        trading standards|not good enough|waste of time|waste of money|worse|ruined|unprofessional|smh|wtf|fuck*|\
        shit*|bullshit|crap|crappy|sucks|suck|suckes|ass|hell|damn|bloody|idiots|racist
        """),
      CueGroup(
        .complaint, 0.9,
        """
        refund|broken|broke|bug|bugs|buggy|crash*|error|errors|fail|fails|failed|failing|failure|issue|issues|\
        problem|problems|not work|not working|does not work|doesn't work|didn't work|don't work|stopped working|\
        stop working|no longer works|won't|can't|cannot|can not|couldn't|unable to|still waiting|still no|still not|\
        still haven't|still hasn't|still don't|stuck|annoying|annoyed|incorrect|wrong|wrongly|lost|missing|delay*|\
        hate|poor|poorly|frustrat*|damaged|defective|faulty|cracked|leaking|leaks|dead|late|slow|laggy|lag|lagging|\
        freezes|freezing|frozen|glitch*|regression|segfault|segmentation fault|exception|stack trace|stacktrace|\
        steps to reproduce|to reproduce|actual result|actual behavior|actual behaviour|expected behavior|\
        expected result|traceback|panic|hang|hangs|corrupt*|invalid|unexpected*|nothing happens|keeps|kept|\
        again and again|for the third time|third time|second time|twice|weeks|waited|waiting|not received|\
        haven't received|have not received|hasn't arrived|has not arrived|not arrived|didn't arrive|ignored|\
        refuse|refused|refuses|unreliable|bad|really bad|so bad|is not|isn't|doesn't|does not|didn't|why can't|\
        why is my|why has|how come|seriously|cancelled|canceled|cancelling|unfair|no sense|nonsense|after update|\
        since the update|last update|new update|latest update|uninstall|uninstalled|uninstalling|1 star|one star|\
        ads|too many ads|fix|fixed|please fix|pls fix|fix this|fix it|fix the|will not|not able to|asap|nobody|no one|ringing|can't even|cant|wont|doesnt|didnt|\
        unusable|not exactly|hard to|my order|my account|my flight|my package|lose|losing|loses|trying to
        """),
      CueGroup(
        .complaint, 1.6, opensText: true,
        "complaint|formal complaint|a complaint|unacceptable|terrible|very disappointed"),

      CueGroup(
        .inquiry, 1.4,
        """
        i would like to know|i'd like to know|like to know|want to know|need to know|wondering|i wonder|\
        have a question|a question|quick question|question about|any idea|any ideas|any way to|is there a way|\
        is there any way|could you tell me|can you tell me|tell me|please tell|let me know|do you know|\
        how do i|how can i|how to|how long|how much|how many|how does|how do|how would|how is|how soon|how often|\
        what is|what's|what are|what do|what does|what time|what if|what happens|where is|where can|where do|\
        where are|when is|when will|when do|when can|when does|which one|which|who do|do you|does it|does the|\
        can i|may i|could i|should i|am i|is it possible|is there|are there|is it|is my|are you|do i|did i|\
        will i|will my|will it|will the|would i|inquiry|enquiry|inquire|enquire|clarify|clarification|explain|\
        confused|confirm|quote|quotation|would you know|help me understand|i need help|help with
        """),
      CueGroup(.inquiry, 0.9, "?"),
      CueGroup(
        .inquiry, 1.1, opensText: true,
        """
        how|what|when|where|which|who|can i|can you|can|could you|do|does|is|are|am|will|may i|should i|question|\
        inquiry|enquiry|i want to know|i need|help|tell me|did|please tell
        """),

      CueGroup(
        .suggestion, 1.5,
        """
        suggest|suggests|suggesting|suggestion|suggestions|recommend|recommended|recommendation|\
        would be nice|would be great|would be good|would be awesome|would be useful|would be helpful|\
        would be cool|would be better|would be even better|would be perfect|would be amazing|would be a great|\
        would be wonderful|would be very|would be really|would be a good|would love|would love to see|love to see|\
        like to see|nice to have|nice if|great if|good if|better if|helpful if|cool if|feature request|\
        feature suggestion|enhancement|proposal|propose|i propose|i wish|wish|wishlist|please add|pls add|\
        plz add|please allow|please provide|please support|please include|please make|please enable|\
        please consider|please let|please give|please bring|please implement|add support|support for|\
        ability to|option to|an option|the option|allow us|allow users|allow developers|allow me|allow the|\
        should be able|should have|should add|should allow|should provide|should support|should include|\
        needs to be|needs an option|could be improved|could add|could you add|can you add|have you considered|\
        consider|why not|instead of|rather than|how about|it would help|it'd be|would like to be able|need a|\
        needs a|please open|there should be|should be|could use|improvement|improvements|make it possible|\
        my advice|tip|tips|be sure to|make sure you|do not hesitate|don't miss|worth|if you want|if you are
        """),
      CueGroup(
        .suggestion, 0.8,
        """
        needed|get rid of|bring back|remove|provide|seems to be a|feature|features|improve|improved|improving|option|options|support|implement|allow|add|adding|easier|\
        better|it would|would like|should|hope you|i hope|hopefully|i want|we need|could be|more|customization|\
        customize|integrate|dark mode|expose|extend|enable|useful|must|avoid|book|ask for|get a|try
        """),
      CueGroup(
        .suggestion, 0.9,
        """
        well done|keep up|kudos|praise|compliment|compliments|excellent|fantastic|great service|very helpful|\
        very happy with|great job|good job|thank you for your great|thanks to your team|love this|love the
        """),
      CueGroup(
        .suggestion, 1.6, opensText: true,
        "suggestion|suggestions|feature|feature request|[feature|add|allow|support|feedback|idea|proposal|enhancement|please|implement"
      ),
    ]

    static let pairs = [
      CuePair(
        .suggestion, 1.2,
        openers:
          "please|pls|plz|can you|could you|can we|could we|should|would|wish|hope|need|needs|want|we need|you could",
        closers: """
          add|allow|support|include|provide|enable|consider|implement|introduce|bring back|option|feature|ability|\
          make it|have a|improve
          """),
      CuePair(
        .complaint, 1.1, openers: "still|yet|been|for|after|since",
        closers: "waiting|nothing|no response|weeks|days|months|not received|not fixed|hours"),
    ]
  }
}
